#include "kurs/board/board_change.hpp"

#include <gtest/gtest.h>

#include "kurs/board/board.hpp"
#include "kurs/board/change_collector.hpp"
#include "kurs/board/pending_changes.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

TEST(ChangeCollector, KeepsTheLastOfEachVenueAndDirection) {
    ChangeCollector changes;
    changes.add(quote(binance, btc_usd, "1"));
    changes.add(quote(binance, btc_usd, "2"));
    changes.add(quote(coingecko, btc_usd, "3"));
    changes.add(quote(binance, eth_usd, "4"));
    changes.add(LostDirection{binance, eth_usd});
    const auto change = changes.take();
    ASSERT_EQ(change.quotes.size(), 2u);
    EXPECT_EQ(change.quotes[0].value, rate("2"));
    ASSERT_EQ(change.lost.size(), 1u);
    EXPECT_TRUE(changes.is_empty());
}

TEST(Board, ChangesInOrderMakeTheSameBoard) {
    const auto map = small_market();
    Board first(map, 10s), second(map, 10s);
    first.apply({10, noon, {quote(binance, btc_usd, "1"), quote(binance, eth_usd, "2")}, {}, {}});
    first.apply(
        {20, noon, {quote(binance, btc_usd, "3")}, {{binance, eth_usd}}, ActiveChange{noon, "binance", "x"}});
    second.replace(first.whole());
    EXPECT_EQ(second.version(), 20u);
    EXPECT_EQ(second.active(), binance);
    EXPECT_EQ(second.find(binance, btc_usd)->value, rate("3"));
    EXPECT_EQ(second.find(binance, eth_usd), nullptr);
}

TEST(Board, AllThatIsOnOneTakesFromAnotherWhatIsNot) {
    const auto map = small_market();
    Board first(map, 10s), second(map, 10s);
    second.apply({10, noon, {quote(binance, btc_usd, "1"), quote(binance, eth_usd, "2")}, {}, {}});
    first.apply({20, noon, {quote(binance, btc_usd, "3")}, {}, {}});
    second.apply(first.whole());
    EXPECT_EQ(second.find(binance, btc_usd)->value, rate("3"));
    EXPECT_EQ(second.find(binance, eth_usd), nullptr);
}

TEST(Board, NeverGoesBackToASmallerVersion) {
    const auto map = small_market();
    Board board(map, 10s, 100);
    const auto revision = board.revision();
    board.apply({50, noon, {quote(binance, btc_usd, "1")}, {}, {}});
    EXPECT_EQ(board.version(), 100u);
    EXPECT_GT(board.revision(), revision) << "what was made of it before is not right any more";
}

TEST(PendingChanges, AreServedFromTheirMomentOn) {
    const auto map = small_market();
    Board board(map, 10s);
    PendingChanges pending;
    pending.add({10, noon, {quote(binance, btc_usd, "1")}, {}, {}});
    pending.add({20, noon + 50ms, {quote(binance, btc_usd, "2")}, {}, {}});
    pending.apply_due(board, noon - 1ms);
    EXPECT_EQ(board.version(), 0u);
    pending.apply_due(board, noon);
    EXPECT_EQ(board.version(), 10u);
    pending.apply_due(board, noon + 1s);
    EXPECT_EQ(board.version(), 20u);
}

}  // namespace
}  // namespace kurs
