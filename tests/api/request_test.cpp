#include "kurs/api/request.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
namespace {

TEST(Target, IsParsedInEveryForm) {
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

}  // namespace
}  // namespace kurs::api
