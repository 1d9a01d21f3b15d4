#include "api/tagged_response.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
namespace {

TEST(Etag, IsTheSameForTheSameBodyOnly) {
    EXPECT_EQ(make_etag("54000"), make_etag("54000"));
    EXPECT_NE(make_etag("54000"), make_etag("54001"));
    for (const std::string_view body : {"", "54000", "54001", "a"}) {
        const auto hash = std::hash<std::string_view>{}(body);
        std::string digits;
        for (int shift = 60; shift >= 0; shift -= 4) digits += "0123456789abcdef"[hash >> shift & 15];
        EXPECT_EQ(make_etag(body), '"' + digits + '"');
    }
}

TEST(Etag, IsFoundInIfNoneMatch) {
    for (const auto* header :
         {R"("ab")", R"(W/"ab")", R"("x", "ab")", R"("x","ab","y")", "W/\"x\" ,\tW/\"ab\"", "*",
          R"("a,b", "ab")", R"(, "ab")", " *", "* ", R"("", "ab")"}) {
        EXPECT_TRUE(matches_etag(header, R"("ab")")) << header;
    }
}

TEST(Etag, IsNotFoundWhereItIsNotNamed) {
    for (const auto* header :
         {"", "ab", R"("abc")", R"("x, "ab")", R"("a", "b")", R"(w/"ab")", R"("ab)", R"("*")",
          // Malformed as a whole, so that nothing in it counts.
          R"("ab" "x")", R"("ab", x)", R"(x, "ab")", R"("x, "ab)", R"("ab"x, "y")", R"("ab", *)",
          R"(*, "ab")", "* *", R"("ab";q=1)", R"(W/ "ab")"}) {
        EXPECT_FALSE(matches_etag(header, R"("ab")")) << header;
    }
}

}  // namespace
}  // namespace kurs::api
