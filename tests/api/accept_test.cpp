#include "api/accept.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
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
    for (const auto* accept :
         {"", "*/*", "application/json", "text/html, application/xhtml+xml, */*;q=0.8",
          "text/csv, application/json", "application/json, text/csv;q=0.9", "text/csv;q=0",
          "text/csv;Q=0.000", "text/csv;q=0, */*", "text/csv;q=2", "text/csv;q=-1",
          "text/csv;q=", "text/csv;q=0.1234", "text/csvx", "text/csv/x", "csv", ",,;;",
          R"(application/json;x="a, text/csv)", R"(application/json;x="\", text/csv")",
          "text/plain, text/csv;q=0.1, application/json;q=0.2", "text/csv;q=.5",
          // Malformed, so no part of it counts.
          "text/csv foo, */*;q=0.1", "text/csv, foo", "text/csv, application/json;q=0.1 x",
          "text/csv; q=0.9; x=\"", "text/csv, (comment)", "text / csv", "application/*, text/*"}) {
        EXPECT_FALSE(prefers_csv(accept)) << accept;
    }
}

TEST(Accept, AcceptsTheMetricsText) {
    for (const auto* accept :
         {"", " ", "*/*", "text/plain", "TEXT/Plain;Version=0.0.4", "text/html foo", "text/html, /",
          "text/*;q=0.1", "text/plain;version=0.0.4", "text/plain; version=\"0.0.4\"; charset=utf-8",
          "text/html, */*;q=0.8", "text/plain;version=1.0.0;q=0, text/plain;version=0.0.4",
          "text/plain;version=0.0.4, text/plain;q=0",
          // As Prometheus versions send it.
          "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
          "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
          "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.6,*/*;q=0.5",
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;"
          "q=0.3,text/plain;version=0.0.4;q=0.2,/;q=0.1"}) {
        EXPECT_TRUE(takes_metrics_text(accept)) << accept;
    }
}

TEST(Accept, AcceptsNoOtherText) {
    for (const auto* accept :
         {"application/json", "application/openmetrics-text;version=1.0.0", "text/html",
          "text/plain;version=1.0.0", "text/plain;q=0", "text/plain, text/plain;version=0.0.4;q=0",
          "text/plain;q=0, */*", "*/*;q=0", "text/*;q=0, */*", "text/plainx", ","}) {
        EXPECT_FALSE(takes_metrics_text(accept)) << accept;
    }
}

}  // namespace
}  // namespace kurs::api
