#include "kurs/domain/time_text.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint afternoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 15h + 24min + 52s;

TEST(TimeText, IsWrittenInUtcWithMilliseconds) {
    EXPECT_EQ(to_rfc3339(afternoon + 123ms), "2026-11-23T15:24:52.123Z");
    EXPECT_EQ(to_rfc3339(TimePoint()), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_rfc3339(TimePoint(-1ms)), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(to_rfc3339(TimePoint(951'782'400s + 7ms)), "2000-02-29T00:00:00.007Z");
}

TEST(TimeText, ReadsAnyOffset) {
    for (const auto* text :
         {"2026-11-23T15:24:52Z", "2026-11-23t15:24:52z", "2026-11-23 15:24:52Z", "2026-11-23T15:24:52+00:00",
          "2026-11-23T15:24:52-00:00", "2026-11-23T18:24:52+03:00", "2026-11-23T20:54:52+05:30",
          "2026-11-24T00:24:52+09:00", "2026-11-23T00:24:52-15:00", "2026-11-24T15:23:52+23:59",
          "2026-11-23T15:24:52.0Z", "2026-11-23T15:24:52.000999999999999999999Z"}) {
        const auto time = parse_rfc3339(text);
        ASSERT_TRUE(time) << text;
        EXPECT_EQ(*time, afternoon) << text;
    }
}

TEST(TimeText, TruncatesToMilliseconds) {
    EXPECT_EQ(*parse_rfc3339("2026-11-23T15:24:52.1Z"), afternoon + 100ms);
    EXPECT_EQ(*parse_rfc3339("2026-11-23T15:24:52.12Z"), afternoon + 120ms);
    EXPECT_EQ(*parse_rfc3339("2026-11-23T15:24:52.1239Z"), afternoon + 123ms);
    EXPECT_EQ(*parse_rfc3339("2026-11-23T18:24:52.999+03:00"), afternoon + 999ms);
    EXPECT_EQ(*parse_rfc3339("1969-12-31T23:59:59.9999Z"), TimePoint(-1ms));
}

TEST(TimeText, RoundTrips) {
    for (const auto time :
         {TimePoint(), TimePoint(-1ms), afternoon + 1ms, TimePoint(253'402'300'799'999ms)}) {
        EXPECT_EQ(*parse_rfc3339(to_rfc3339(time)), time);
    }
}

TEST(TimeText, KnowsTheCalendar) {
    for (const auto* text : {"2024-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2026-12-31T23:59:59.999Z",
                             "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
        EXPECT_TRUE(parse_rfc3339(text)) << text;
    }
    for (const auto* text :
         {"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z",
          "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z"}) {
        EXPECT_FALSE(parse_rfc3339(text)) << text;
    }
}

TEST(TimeText, IsNothingElse) {
    for (const auto* text : {"",
                             "Z",
                             "2026-11-23",
                             "2026-11-23T15:24Z",
                             "2026-11-23T15:24:52",
                             "2026-11-23T15:24:52.Z",
                             "2026-11-23T15:24:52,5Z",
                             "2026-11-23T15:24:52.5",
                             "2026-11-23T24:00:00Z",
                             "2026-11-23T15:60:00Z",
                             "2026-12-31T23:59:60Z",
                             "2026-11-23T15:24:61Z",
                             "2026-11-23T15:24:52+24:00",
                             "2026-11-23T15:24:52+03:60",
                             "2026-11-23T15:24:52+03",
                             "2026-11-23T15:24:52+0300",
                             "2026-11-23T15:24:52+3:00",
                             "2026-11-23T15:24:52 03:00",
                             "2026-11-23T15:24:52ZZ",
                             "2026-11-23T15:24:52Z ",
                             " 2026-11-23T15:24:52Z",
                             "26-11-23T15:24:52Z",
                             "12026-11-23T15:24:52Z",
                             "+2026-11-23T15:24:52Z",
                             "-026-11-23T15:24:52Z",
                             "2026/11/23T15:24:52Z",
                             "2026-11-23_15:24:52Z",
                             "2026-1-23T15:24:52Z",
                             "20261123T152452Z",
                             "2026-W48-1T15:24:52Z",
                             "2026-11-23T15:24:-2Z",
                             "2026-11-23T1x:24:52Z",
                             "1700000000",
                             "1700000000000",
                             "now",
                             "2026-11-23T15:24:52.Z5",
                             "2026-11-23T15:24:52.5+",
                             "2026-11-23T15:24:52\0Z"}) {
        const auto time = parse_rfc3339(text);
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error(), errc::malformed) << text;
    }
}

TEST(TimeText, RefusesEveryTruncation) {
    constexpr std::string_view whole = "2026-11-23T18:24:52.123+03:00";
    ASSERT_TRUE(parse_rfc3339(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_rfc3339(whole.substr(0, size))) << size;
    }
}

}  // namespace
}  // namespace kurs
