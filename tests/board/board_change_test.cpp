#include "kurs/board/board_change.hpp"

#include <gtest/gtest.h>

#include "kurs/board/board.hpp"
#include "kurs/board/change_collector.hpp"
#include "kurs/board/pending_changes.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};
constexpr VenueId binance{0}, coingecko{1};
constexpr DirectionId btc_usd{0}, eth_usd{1};

MarketMap small_market() {
    MarketMap map;
    map.venues = {"binance", "coingecko"};
    map.exchangers = {binance, coingecko};
    map.symbols = {{binance, "BTCUSDT", "BTC", "USDT", {}}, {binance, "USDCUSDT", "USDC", "USDT", {}}};
    map.directions = {Direction::parse("BTC-USD").value(), Direction::parse("ETH-USD").value()};
    return map;
}

Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

Quote quote(VenueId venue, DirectionId direction, std::string_view value) {
    return {venue,
            direction,
            rate(value),
            rate(value),
            rate(value),
            noon - 1s,
            noon + 4s,
            {{SymbolId{0}, false, rate("64000.01"), rate("64000.02"), noon - 1s},
             {SymbolId{1}, true, rate("0.999900000000000001"), rate("1.0001"), noon}}};
}

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

TEST(Board, NeverGoesBackToASmallerVersion) {
    const auto map = small_market();
    Board board(map, 10s, 100);
    board.apply({50, noon, {}, {}, {}});
    EXPECT_EQ(board.version(), 101u);
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
