#include "kurs/venue/retry_after.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

std::optional<Duration> read(std::string name, std::string value) {
    return retry_after({429, {{std::move(name), std::move(value)}}, ""}, noon);
}

TEST(RetryAfter, IsReadInSecondsWhateverTheHeadersCase) {
    EXPECT_EQ(read("retry-after", "119"), 119s);
    EXPECT_EQ(read("Retry-After", "0"), 0s);
}

TEST(RetryAfter, IsReadFromADateOfReset) {
    EXPECT_EQ(read("x-ratelimit-reset", "2026-11-21 12:01:30 +0000"), 90s);
    EXPECT_EQ(read("x-ratelimit-reset", "2026-11-21 11:00:00 +0000"), 0s);
}

TEST(RetryAfter, IsReadFromAnHttpDate) {
    EXPECT_EQ(read("retry-after", "Sat, 21 Nov 2026 12:02:00 GMT"), 120s);
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT"), noon);
    EXPECT_EQ(parse_http_date("21 Nov 2026"), std::nullopt);
}

TEST(RetryAfter, IsAtMostAnHour) {
    EXPECT_EQ(read("retry-after", "99999999"), 1h);
}

TEST(RetryAfter, IsNothingWhereItCannotBeRead) {
    EXPECT_EQ(read("retry-after", "soon"), std::nullopt);
    EXPECT_EQ(read("retry-after", "-5"), std::nullopt);
    EXPECT_EQ(read("x-ratelimit-reset", "tomorrow"), std::nullopt);
    EXPECT_EQ(read("x-ratelimit-reset", "2026-13-41 12:01:30"), std::nullopt);
    EXPECT_EQ(read("server", "cloudflare"), std::nullopt);
}

}  // namespace
}  // namespace kurs
