#include "kurs/domain/history.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(CandleInterval, RoundTrips) {
    const struct {
        std::string_view text;
        CandleInterval interval;
        Duration length;
    } table[] = {{"1s", CandleInterval::second, 1s},         {"1m", CandleInterval::minute, 60s},
                 {"5m", CandleInterval::five_minutes, 5min}, {"15m", CandleInterval::quarter_hour, 15min},
                 {"1h", CandleInterval::hour, 60min},        {"1d", CandleInterval::day, 24h}};
    for (const auto& [text, interval, expected] : table) {
        EXPECT_EQ(to_string(interval), text);
        EXPECT_EQ(*parse_candle_interval(text), interval) << text;
        EXPECT_EQ(length(interval), expected) << text;
    }
}

TEST(CandleInterval, BeginsAtAMultipleOfItsLengthSince1970) {
    const TimePoint time{1'700'000'123'456ms};  // 22:15:23.456 UTC
    EXPECT_EQ(start_of(CandleInterval::second, time), time - 456ms);
    EXPECT_EQ(start_of(CandleInterval::quarter_hour, time), time - 23s - 456ms);
    EXPECT_EQ(start_of(CandleInterval::day, time), time - 22h - 15min - 23s - 456ms);
    EXPECT_EQ(start_of(CandleInterval::minute, time - 23s - 456ms), time - 23s - 456ms);
}

TEST(CandleInterval, RefusesOtherIntervals) {
    for (const auto* text : {"", "1", "m", "1M", "1D", "2m", "01m", "1m ", "60s", "1w"}) {
        EXPECT_FALSE(parse_candle_interval(text)) << text;
    }
}

TEST(HistoryFailure, IsNamedWhereItWasNotExpected) {
    const HistoryAnswer answer = HistoryFailure::overdue;
    try {
        answer.value();
        FAIL();
    } catch (const std::logic_error& failure) {
        EXPECT_NE(std::string(failure.what()).find("'overdue'"), std::string::npos) << failure.what();
    }
}

}  // namespace
}  // namespace kurs
