#include "kurs/history/outbox.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs::history {
namespace {

using namespace small;

std::vector<std::string> values(const Batch& batch) {
    std::vector<std::string> texts;
    for (const auto& record : batch.quotes)
        texts.push_back(record.quote ? to_string(record.quote->value) : "lost");
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Outbox, KeepsTheLastQuoteOfEachSecondVenueAndDirection) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add(quote(binance, btc_usd, "2"), noon + 999ms);
    outbox.add(quote(binance, eth_usd, "3"), noon + 500ms);
    outbox.add(quote(coingecko, btc_usd, "4"), noon + 600ms);
    outbox.add(quote(binance, btc_usd, "5"), noon + 1000ms);
    outbox.close_seconds(noon + 2s);
    EXPECT_EQ(values(outbox.next(100)), (Texts{"3", "4", "2", "5"}));
}

TEST(Outbox, WritesASecondOnlyOnceItIsOver) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon + 10ms);
    outbox.close_seconds(noon + 999ms);
    EXPECT_TRUE(outbox.next(100).quotes.empty());
    outbox.close_seconds(noon + 1s);
    EXPECT_EQ(values(outbox.next(100)), Texts{"1"});
}

TEST(Outbox, AQuietSeriesWaitsInTheOrderOfItsSecond) {
    Outbox outbox(100);
    outbox.add(quote(coingecko, btc_usd, "1"), noon + 100ms);
    for (int second = 0; second < 3; ++second)
        outbox.add(quote(binance, btc_usd, std::to_string(second + 2)), noon + second * 1s + 500ms);
    outbox.close_seconds(noon + 9s);
    EXPECT_EQ(values(outbox.next(100)), (Texts{"1", "2", "3", "4"}));
    EXPECT_EQ(outbox.unwritten_since(noon + 9s), noon);
}

TEST(Outbox, ClosesEverySecondAtTheEnd) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.close_seconds(TimePoint::max());
    EXPECT_EQ(values(outbox.next(100)), Texts{"1"});
}

TEST(Outbox, ALossReplacesTheQuoteOfItsSecond) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add_loss({binance, btc_usd}, noon + 1ms);
    outbox.close_seconds(noon + 1s);
    EXPECT_EQ(values(outbox.next(100)), Texts{"lost"});
}

TEST(Outbox, ReturnsTheSameBatchUntilItIsWritten) {
    Outbox outbox(100);
    for (int second = 0; second < 5; ++second)
        outbox.add(quote(binance, btc_usd, std::to_string(second + 1)), noon + second * 1s);
    outbox.close_seconds(noon + 5s);
    EXPECT_EQ(values(outbox.next(2)), (Texts{"1", "2"}));
    EXPECT_EQ(values(outbox.next(2)), (Texts{"1", "2"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(2)), (Texts{"3", "4"}));
    EXPECT_EQ(outbox.waiting(), 3u);
}

TEST(Outbox, DropsAndCountsTheOldestRowsWhenFull) {
    Outbox outbox(4);
    for (int second = 0; second < 6; ++second)
        outbox.add(quote(binance, btc_usd, std::to_string(second + 1)), noon + second * 1s);
    outbox.close_seconds(noon + 6s);
    EXPECT_EQ(outbox.lost(), 2u);
    EXPECT_EQ(values(outbox.next(9)), (Texts{"3", "4"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(9)), (Texts{"5", "6"}));
}

TEST(Outbox, DropsAndCountsTheOldestChangesWhenFull) {
    Outbox outbox(2);
    for (int i = 0; i < 3; ++i) outbox.add(ActiveChange{noon + i * 1s, "binance", std::to_string(i)});
    EXPECT_EQ(outbox.lost(), 1U);
    EXPECT_EQ(outbox.next(100).changes.at(0).reason, "1");
}

TEST(Outbox, NeverDropsTheBatchBeingWritten) {
    Outbox outbox(4);
    const auto add = [&](int from, int to) {
        for (int second = from; second <= to; ++second)
            outbox.add(quote(binance, btc_usd, std::to_string(second)), noon + second * 1s);
        outbox.close_seconds(TimePoint::max());
    };
    add(1, 4);
    ASSERT_EQ(values(outbox.next(9)), (Texts{"1", "2"}));
    add(5, 6);
    EXPECT_EQ(values(outbox.next(9)), (Texts{"1", "2"}));
    outbox.written();
    EXPECT_EQ(values(outbox.next(9)), (Texts{"5", "6"}));
    EXPECT_EQ(outbox.lost(), 2u);
}

TEST(Outbox, ReportsTheTimeOfTheOldestUnwrittenRow) {
    Outbox outbox(100);
    EXPECT_EQ(outbox.unwritten_since(noon), noon);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.add(ActiveChange{noon + 100ms, "binance", "8 fresh at start"});
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.close_seconds(noon + 5s);
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.next(100);
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon);
    outbox.written();
    EXPECT_EQ(outbox.unwritten_since(noon + 5s), noon + 5s);
}

TEST(Outbox, SkipsRepeatedQuotesAndChanges) {
    Outbox outbox(100);
    const auto first = quote(binance, btc_usd, "1");
    const ActiveChange change{noon, "binance", "8 fresh at start"};
    for (const auto second : {0s, 1s, 2s}) {
        outbox.add(first, noon + second);
        outbox.add(change);
        outbox.close_seconds(noon + second + 1s);
    }
    outbox.add_loss({binance, btc_usd}, noon + 3s);
    outbox.add_loss({binance, btc_usd}, noon + 4s);
    outbox.add(first, noon + 5s);
    outbox.close_seconds(TimePoint::max());
    EXPECT_EQ(values(outbox.next(100)), (Texts{"1", "lost", "1"}));
    EXPECT_EQ(outbox.next(100).changes.size(), 1u);
}

TEST(Outbox, SkipsRowsRecordedElsewhere) {
    Outbox outbox(100);
    outbox.add(quote(binance, btc_usd, "1"), noon);
    outbox.note_known(quote(binance, btc_usd, "2"));
    outbox.note_known(ActiveChange{noon, "binance", "8 fresh at start"});
    outbox.add(quote(binance, btc_usd, "2"), noon + 1s);
    outbox.add(ActiveChange{noon, "binance", "8 fresh at start"});
    outbox.add(quote(binance, btc_usd, "3"), noon + 2s);
    outbox.close_seconds(TimePoint::max());
    EXPECT_EQ(values(outbox.next(100)), (Texts{"1", "3"}));
    EXPECT_TRUE(outbox.next(100).changes.empty());
}

}  // namespace
}  // namespace kurs::history
