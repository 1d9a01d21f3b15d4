#include "kurs/http/accept.hpp"

#include <gtest/gtest.h>

namespace kurs::http {
namespace {

TEST(Accept, PrefersCsv) {
    for (const auto* accept :
         {"text/csv", "Text/CSV", "text/*", "text/csv; charset=utf-8", "text/csv;header=present;q=0.2",
          "application/json;q=0.5, text/csv", "text/csv;q=0.9,application/json;q=0.89", "text/csv, */*",
          "text/csv, */*;q=0.1", "application/json;q=0, */*", " , text/csv ,", "text/*, application/*;q=0.9",
          R"(application/json;x="a,b;q=1";q=0.1, text/csv;q=0.2)", "text/csv;q=1.000"}) {
        EXPECT_TRUE(prefers_csv(accept)) << accept;
    }
}

TEST(Accept, PrefersJsonOtherwise) {
    for (const auto* accept : {"",
                               "*/*",
                               "application/json",
                               "text/html, application/xhtml+xml, */*;q=0.8",
                               "text/csv, application/json",
                               "application/json, text/csv;q=0.9",
                               "text/csv;q=0",
                               "text/csv;Q=0.000",
                               "text/csv;q=0, */*",
                               "text/csv;q=2",
                               "text/csv;q=-1",
                               "text/csv;q=",
                               "text/csv;q=0.1234",
                               "text/csvx",
                               "text/csv/x",
                               "csv",
                               ",,;;",
                               R"(application/json;x="a, text/csv)",
                               R"(application/json;x="\", text/csv")",
                               "text/plain, text/csv;q=0.1, application/json;q=0.2",
                               "text/csv;q=.5",
                               "application/*, text/*"}) {
        EXPECT_FALSE(prefers_csv(accept)) << accept;
    }
}

}  // namespace
}  // namespace kurs::http
