#include "kurs/venue/retry_after.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

std::optional<Duration> read(std::string name, std::string value) {
    return retry_after({429, {{std::move(name), std::move(value)}}, ""}, noon);
}

TEST(RetryAfter, ReadsSecondsWithACaseInsensitiveHeaderName) {
    EXPECT_EQ(read("retry-after", "119"), 119s);
    EXPECT_EQ(read("Retry-After", "1"), 1s);
}

TEST(RetryAfter, ReadsAResetDate) {
    EXPECT_EQ(read("x-ratelimit-reset", "2026-11-21 12:01:30 +0000"), 90s);
}

TEST(RetryAfter, ReadsAnHttpDate) {
    EXPECT_EQ(read("retry-after", "Sat, 21 Nov 2026 12:02:00 GMT"), 120s);
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT"), noon);
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 12:00:37 GMT"), noon + 37s);
    EXPECT_EQ(parse_retry_after("Sat, 21 Nov 2026 12:00:00 GMT", noon - 1ms), 1ms);
    for (const auto* malformed :
         {"21 Nov 2026", "Sat, 21 Nov 2026 12:00:00 UTC", "Sat, 21 Nov 2026 12:00:000 GMT",
          "Sat; 21 Nov 2026 12:00:00 GMT", "Sat, 21 Nov 2026 12.00:00 GMT", "Sat, 21 Nov 2026 12:00.00 GMT",
          "Sat, xx Nov 2026 12:00:00 GMT", "Sat, 21 Nob 2026 12:00:00 GMT", "Sat, 21 Nov 20x6 12:00:00 GMT",
          "Sat, 21 Nov 2026 1x:00:00 GMT", "Sat, 21 Nov 2026 12:0x:00 GMT", "Sat, 21 Nov 2026 12:00:x0 GMT"})
        EXPECT_EQ(parse_http_date(malformed), std::nullopt) << malformed;
    EXPECT_TRUE(parse_http_date("Sat, 21 Nov 2026 23:59:60 GMT")) << "a leap second";
    for (const auto* impossible :
         {"Sat, 21 Nov 2026 24:00:00 GMT", "Sat, 21 Nov 2026 12:60:00 GMT", "Sat, 21 Nov 2026 12:00:61 GMT"})
        EXPECT_EQ(parse_http_date(impossible), std::nullopt) << impossible;
}

TEST(RetryAfter, IsAtMostAnHour) {
    for (const auto* value :
         {"99999999", "31536000", "99999999999999999999", "Sun, 21 Nov 2027 12:00:00 GMT"})
        EXPECT_EQ(read("retry-after", value), 1h) << value;
    EXPECT_EQ(parse_retry_after("31536000", noon), 1h);
    EXPECT_EQ(read("x-ratelimit-reset", "2027-11-21 12:00:00 +0000"), 1h);
}

TEST(RetryAfter, HasAnyNumberOfDigits) {
    EXPECT_EQ(read("retry-after", "000000005"), 5s);
    EXPECT_EQ(read("retry-after", "2147483648"), 1h);
    EXPECT_EQ(read("retry-after", "10000000000"), 1h);
}

TEST(RetryAfter, IsNoneIfNoWaitIsRequested) {
    for (const auto* value : {"0", "00", "Sat, 21 Nov 2026 12:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"})
        EXPECT_EQ(read("retry-after", value), std::nullopt) << value;
    EXPECT_EQ(read("x-ratelimit-reset", "2026-11-21 11:00:00 +0000"), std::nullopt);
}

TEST(RetryAfter, IsNoneIfMalformed) {
    EXPECT_EQ(read("retry-after", "soon"), std::nullopt);
    EXPECT_EQ(read("retry-after", "-5"), std::nullopt);
    EXPECT_EQ(read("retry-after", "1.5"), std::nullopt);
    EXPECT_EQ(read("retry-after", ""), std::nullopt);
    EXPECT_EQ(read("x-ratelimit-reset", "tomorrow"), std::nullopt);
    EXPECT_EQ(read("x-ratelimit-reset", "2026-13-41 12:01:30"), std::nullopt);
    EXPECT_EQ(read("server", "cloudflare"), std::nullopt);
}

TEST(RestAfterRefusal, IsWhatTheResponseRequests) {
    for (const int status : {403, 429, 503})
        EXPECT_EQ(rest_after_refusal({status, {{"retry-after", "40"}}, ""}, noon), 40s) << status;
}

TEST(RestAfterRefusal, IsElseWhatTheStatusSuggests) {
    const auto rest = [](int status) { return rest_after_refusal({status, {}, ""}, noon); };
    for (const int limited : {418, 429}) EXPECT_EQ(rest(limited), limited_rest) << limited;
    for (const int locked_out : {401, 403}) EXPECT_EQ(rest(locked_out), 1min) << locked_out;
    for (const int refused : {400, 404, 451}) EXPECT_EQ(rest(refused), 5min) << refused;
    for (const int passing : {408, 500, 502, 503, 504}) EXPECT_EQ(rest(passing), 0s) << passing;
}

}  // namespace
}  // namespace kurs
