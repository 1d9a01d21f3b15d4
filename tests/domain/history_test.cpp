#include "kurs/domain/history.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(CandleInterval, IsReadAsItIsWritten) {
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

TEST(CandleInterval, IsNoOther) {
    for (const auto* text : {"", "1", "m", "1M", "1D", "2m", "01m", "1m ", "60s", "1w"}) {
        EXPECT_FALSE(parse_candle_interval(text)) << text;
    }
}

}  // namespace
}  // namespace kurs
