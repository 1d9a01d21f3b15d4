#include "kurs/board/board_change.hpp"

#include <gtest/gtest.h>

#include "kurs/board/board.hpp"
#include "kurs/board/change_collector.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

TEST(ChangeCollector, KeepsTheLastQuoteOfEachVenueAndDirection) {
    ChangeCollector changes;
    changes.add({0, {}, {quote(binance, btc_usd, "1"), quote(coingecko, btc_usd, "3")}, {}, {}});
    changes.add({0, {}, {quote(binance, btc_usd, "2"), quote(binance, eth_usd, "4")}, {}, {}});
    changes.add({0, {}, {}, {{binance, eth_usd}}, {}});
    const auto change = changes.take();
    ASSERT_EQ(change.quotes.size(), 2u);
    EXPECT_EQ(change.quotes[0].value, rate("2"));
    ASSERT_EQ(change.lost.size(), 1u);
    EXPECT_TRUE(changes.take().is_empty());
}

TEST(Board, ChangesInOrderMakeTheSameBoard) {
    const auto map = small_market();
    Board first(map, 10s), second(map, 10s);
    first.apply({10, noon, {quote(binance, btc_usd, "1"), quote(binance, eth_usd, "2")}, {}, {}});
    first.apply(
        {20, noon, {quote(binance, btc_usd, "3")}, {{binance, eth_usd}}, ActiveChange{noon, "binance", "x"}});
    second.apply(first.snapshot());
    EXPECT_EQ(second.version(), 20u);
    EXPECT_EQ(second.active(), binance);
    EXPECT_EQ(second.find(binance, btc_usd)->value, rate("3"));
    EXPECT_EQ(second.find(binance, eth_usd), nullptr);
}

TEST(Board, ASnapshotRemovesQuotesThatItDoesNotContain) {
    const auto map = small_market();
    Board first(map, 10s), second(map, 10s);
    second.apply({10, noon, {quote(binance, btc_usd, "1"), quote(binance, eth_usd, "2")}, {}, {}});
    first.apply({20, noon, {quote(binance, btc_usd, "3")}, {}, {}});
    second.apply(first.snapshot());
    EXPECT_EQ(second.find(binance, btc_usd)->value, rate("3"));
    EXPECT_EQ(second.find(binance, eth_usd), nullptr);
}

TEST(Board, NeverReturnsToASmallerVersion) {
    const auto map = small_market();
    Board board(map, 10s, 100);
    const auto revision = board.revision();
    board.apply({50, noon, {quote(binance, btc_usd, "1")}, {}, {}});
    EXPECT_EQ(board.version(), 100u);
    EXPECT_GT(board.revision(), revision) << "documents rendered before are stale";
}

}  // namespace
}  // namespace kurs
