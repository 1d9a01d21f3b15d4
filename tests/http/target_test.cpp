#include "http/target.hpp"

#include <gtest/gtest.h>

namespace kurs::http {
namespace {

TEST(Target, IsTakenApartInEveryForm) {
    const struct {
        std::string_view target, path, query;
    } table[] = {
        {"/livez", "/livez", ""},
        {"/courses?a=1?b", "/courses", "a=1?b"},
        {"http://kurs.example/livez?a=1", "/livez", "a=1"},
        {"HTTP://kurs.example/livez", "/livez", ""},
        {"Https://kurs.example:443/livez", "/livez", ""},
        {"http://kurs.example", "/", ""},
        {"http://kurs.example?a=1", "/", "a=1"},
        {"/courses?at=http://x/", "/courses", "at=http://x/"},
        {"ftp://kurs.example/livez", "ftp://kurs.example/livez", ""},
        {"*", "*", ""},
        {"", "", ""},
    };
    for (const auto& [target, path, query] : table) {
        const auto parts = split_target(target);
        EXPECT_EQ(parts.path, path) << target;
        EXPECT_EQ(parts.query, query) << target;
    }
    EXPECT_EQ(split_target("Http://User@kurs:1/x").authority, "User@kurs:1");
    EXPECT_EQ(split_target("/x").authority, std::nullopt);
}

TEST(Host, IsAHostWithAnOptionalPort) {
    for (const auto* host : {"", "k", "kurs.example", "KURS.example.:8080", "kurs:", "my_host", "10.0.0.1:1",
                             "[::1]", "[::1]:65535", "xn--e1afmkfd.example", "a%20b"})
        EXPECT_TRUE(is_host(host)) << host;
    for (const auto* host :
         {"a b",        "a\tb",        "user@kurs", "user:pw@kurs", "@kurs",
          "kurs:65536", "kurs:99999",  "kurs:0",    "kurs:x",       "kurs:80:90",
          "kurs:-1",    "[::1",        "::1",       "[::1]x",       "[x]",
          "[]",         "kurs/x",      "kurs?x",    "a\"b",         "<a>",
          ":80",        "http://kurs", "a%2",       "k\xc3\xb6ln",  "kurs:18446744073709551617"})
        EXPECT_FALSE(is_host(host)) << host;
}

}  // namespace
}  // namespace kurs::http
