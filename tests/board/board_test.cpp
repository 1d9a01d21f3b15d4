#include "kurs/board/board.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct BoardTest : ::testing::Test {
    MarketMap map = small_market();
    Board board{map, 10s};

    void put(VenueId venue, DirectionId direction, TimePoint observed_at, Duration limit) {
        const auto value = rate("60000");
        board.apply({venue, direction, value, value, value, observed_at, observed_at + limit, {}});
    }

    std::size_t count(VenueId venue, TimePoint now, std::optional<Duration> max_age = {}) {
        return board.select(venue, {}, max_age, now).quotes.size();
    }
};

TEST_F(BoardTest, NeverSelectsAQuoteAtOrPastItsLimit) {
    put(binance, btc_usd, noon, 5s);
    EXPECT_EQ(count(binance, noon + 4999ms), 1U);
    EXPECT_EQ(count(binance, noon + 5000ms), 0U);
}

TEST_F(BoardTest, MaxAgeTightensAndNeverLoosens) {
    put(binance, btc_usd, noon, 5s);
    EXPECT_EQ(count(binance, noon + 2s, 2s), 1U);
    EXPECT_EQ(count(binance, noon + 2001ms, 2s), 0U);
    EXPECT_EQ(count(binance, noon + 5s, 60s), 0U);
}

TEST_F(BoardTest, SelectsInTheConfiguredOrder) {
    put(binance, usdt_usd, noon, 5s);
    put(binance, btc_usd, noon, 5s);
    const std::vector asked{usdt_usd, btc_usd};
    const auto selection = board.select(binance, asked, {}, noon);
    ASSERT_EQ(selection.quotes.size(), 2U);
    EXPECT_EQ(selection.quotes[0].get().direction, btc_usd);
}

TEST_F(BoardTest, ASelectionIsValidUntilItsFirstQuoteIsStale) {
    put(binance, btc_usd, noon, 5s);
    put(binance, usdt_usd, noon + 1s, 5s);
    EXPECT_EQ(board.select(binance, {}, {}, noon + 1s).valid_until, noon + 5s);
    EXPECT_EQ(board.select(binance, {}, 2s, noon + 1s).valid_until, noon + 2001ms);
}

TEST_F(BoardTest, TheVersionGrowsWithEveryChange) {
    const auto before = board.version();
    put(binance, btc_usd, noon, 5s);
    EXPECT_GT(board.version(), before);
    const auto with_quote = board.version();
    board.withdraw(binance, usdt_usd);
    EXPECT_EQ(board.version(), with_quote) << "there was nothing to withdraw";
    board.withdraw(binance, btc_usd);
    EXPECT_GT(board.version(), with_quote);
    EXPECT_EQ(board.find(binance, btc_usd), nullptr);
}

TEST_F(BoardTest, TheActiveVenueFollowsFreshness) {
    EXPECT_FALSE(board.active());
    put(binance, btc_usd, noon, 5s);
    put(coingecko, btc_usd, noon, 180s);
    EXPECT_EQ(board.choose_active(noon)->to, binance);
    EXPECT_FALSE(board.choose_active(noon + 4s));
    const auto change = board.choose_active(noon + 5s);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->from, binance);
    EXPECT_EQ(change->to, coingecko);
    EXPECT_EQ(board.active(), coingecko);
}

}  // namespace
}  // namespace kurs
