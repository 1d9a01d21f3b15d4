#include "kurs/ingest/refusal_log.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct RefusalLogTest : ::testing::Test {
    RefusalLog log;

    void add(SymbolId symbol, errc reason, TimePoint at, std::string_view price = "1") {
        log.add(symbol, reason, rate(price), rate(price), at);
    }
};

TEST_F(RefusalLogTest, CountsTheValuesOfASymbolByReason) {
    add(btcusdt, errc::jump, noon, "90000");
    add(btcusdt, errc::crossed, noon + 1s);
    add(btcusdt, errc::jump, noon + 2s, "91000");
    const auto found = log.recent(noon + 3s);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0],
              (RefusalReport{btcusdt, errc::jump, rate("91000"), rate("91000"), noon, noon + 2s, 2}));
    EXPECT_EQ(found[1].reason, errc::crossed);
}

TEST_F(RefusalLogTest, ForgetsAfterFiveMinutes) {
    add(btcusdt, errc::jump, noon);
    EXPECT_EQ(log.recent(noon + 5min - 1ms).size(), 1U);
    EXPECT_TRUE(log.recent(noon + 5min).empty());
    add(btcusdt, errc::jump, noon + 6min);
    EXPECT_EQ(log.recent(noon + 6min).front().first_at, noon + 6min) << "counted anew";
    EXPECT_EQ(log.recent(noon + 6min).front().times, 1U);
}

TEST_F(RefusalLogTest, ReplacesTheOldestEntryWhenItIsFull) {
    for (std::size_t i = 0; i <= RefusalLog::most_entries; ++i)
        add(SymbolId(i), errc::jump, noon + Duration(i));
    const auto found = log.recent(noon + 1s);
    ASSERT_EQ(found.size(), RefusalLog::most_entries);
    EXPECT_EQ(found.front().symbol, SymbolId(RefusalLog::most_entries));
    EXPECT_EQ(found.back().symbol, SymbolId(1));
}

TEST_F(RefusalLogTest, ContinuesThatOfAnEarlierWriter) {
    add(btcusdt, errc::jump, noon);
    RefusalLog next;
    next.add(btcusdt, errc::jump, std::nullopt, std::nullopt, noon + 1s);
    next.add(usdcusdt, errc::not_positive, std::nullopt, std::nullopt, noon + 1s);
    log.restore(next.recent(noon + 1s));
    const auto found = log.recent(noon + 1s);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].symbol, usdcusdt);
    EXPECT_EQ(found[1].last_at, noon) << "its own entry counts";
}

}  // namespace
}  // namespace kurs
