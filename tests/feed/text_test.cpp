#include <gtest/gtest.h>

#include "kurs/feed/connection_end.hpp"
#include "kurs/feed/refusal_count.hpp"
#include "kurs/venue/retry_after.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration since_epoch) {
    return TimePoint{since_epoch};
}

TEST(RetryAfter, IsSecondsOrADate) {
    const TimePoint now = std::chrono::sys_days{std::chrono::year{2015} / 10 / 21} + 7h + 27min;
    const struct {
        const char* text;
        std::optional<Duration> wait;
    } rows[] = {
        {"7", 7s},
        {"0", std::nullopt},
        {"Wed, 21 Oct 2015 07:28:00 GMT", 60s},
        {"Wed, 21 Oct 2015 07:00:00 GMT", std::nullopt},
        {"", std::nullopt},
        {"-7", std::nullopt},
        {"7 s", std::nullopt},
        {"99999999999999", 1h},
        {"Wed, 31 Feb 2015 07:28:00 GMT", std::nullopt},
        {"Wed, 21 Oct 2015 25:28:00 GMT", std::nullopt},
        {"Wed, 21 Okt 2015 07:28:00 GMT", std::nullopt},
        {"Wed, 21 Oct 2015 07:28:00 CET", std::nullopt},
        {"Wednesday, 21-Oct-15 07:28:00 GMT", std::nullopt},
    };
    for (const auto& row : rows) EXPECT_EQ(parse_retry_after(row.text, now), row.wait) << row.text;
}

TEST(Refusal, IsDescribedInWords) {
    EXPECT_EQ(describe_refusal(451, {}), "refused by region (451)");
    EXPECT_EQ(describe_refusal(403, {}), "refused by the venue's firewall (403)");
    EXPECT_EQ(describe_refusal(429, 7s), "rate-limited (429), retry after 7 s");
    EXPECT_EQ(describe_refusal(503, {}), "venue unavailable (503)");
    EXPECT_EQ(describe_refusal(302, {}), "refused (302)");
}

TEST(Printable, IsOneShortLine) {
    EXPECT_EQ(printable("Too many\r\nrequests"), "Too many??requests");
    EXPECT_EQ(printable("abcdef", 3), "abc");
    EXPECT_EQ(printable("\x1b[31m\xff"), "?[31m?");
}

TEST(RefusalCount, CountsByReasonAndNamesTheLast) {
    RefusalCount count;
    for (int i = 0; i < 10; ++i) count.add({errc::malformed, "ETHUSDT"});
    for (int i = 0; i < 2; ++i) count.add({errc::crossed, "BTCUSDT"});
    EXPECT_EQ(count.report(at(0s)), "12 values: malformed 10, crossed 2 (last: BTCUSDT)");
}

TEST(RefusalCount, ReportsAtMostOncePerPeriod) {
    RefusalCount count(10s);
    EXPECT_EQ(count.report(at(0s)), std::nullopt);
    count.add({errc::jump, ""});
    EXPECT_EQ(count.report(at(0s)), "1 value: jump 1");
    count.add({errc::jump, ""});
    EXPECT_EQ(count.report(at(9'999ms)), std::nullopt);
    EXPECT_EQ(count.report(at(10s)), "1 value: jump 1");
    EXPECT_EQ(count.report(at(30s)), std::nullopt);
}

}  // namespace
}  // namespace kurs
