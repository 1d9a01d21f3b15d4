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

TEST_F(BoardTest, TheVersionGrowsByOneAndTheRevisionToo) {
    put(binance, btc_usd, noon, 5s);
    EXPECT_EQ(board.version(), 1U);
    EXPECT_EQ(board.revision(), 1U);
    board.choose_active(noon);
    EXPECT_EQ(board.version(), 2U);
    board.withdraw(binance, btc_usd);
    EXPECT_EQ(board.version(), 3U);
    board.apply(BoardChange{});
    EXPECT_EQ(board.version(), 3U) << "that of the change is not larger";
    EXPECT_EQ(board.revision(), 4U);
}

TEST_F(BoardTest, ASnapshotReplacesTheWholeBoard) {
    put(binance, btc_usd, noon, 5s);
    put(coingecko, btc_rub, noon, 5s);
    board.choose_active(noon);
    const auto snapshot = board.snapshot();
    EXPECT_TRUE(snapshot.is_snapshot);
    EXPECT_EQ(snapshot.version, board.version());
    EXPECT_EQ(snapshot.quotes.size(), 2U);
    EXPECT_EQ(snapshot.quotes.size() + snapshot.lost.size(), map.venues.size() * map.directions.size());

    Board other{map, 10s};
    const auto value = rate("60000");
    other.apply({binance, usdt_usd, value, value, value, noon, noon + 5s, {}});
    other.apply(snapshot);
    EXPECT_EQ(other.find(binance, usdt_usd), nullptr);
    EXPECT_NE(other.find(coingecko, btc_rub), nullptr);
    EXPECT_EQ(other.active(), binance);
    BoardChange bare;
    bare.is_snapshot = true;
    other.apply(bare);
    EXPECT_EQ(other.find(coingecko, btc_rub), nullptr) << "though it is not listed as lost";
}

TEST_F(BoardTest, CountsWhatIsFreshAndWhatIsDisputed) {
    put(binance, btc_usd, noon, 5s);
    put(binance, btc_rub, noon, 5s);
    const auto value = rate("60000");
    board.apply({binance, usdt_usd, value, value, value, noon, noon + 5s, {}, "far above"});
    EXPECT_EQ(board.count_fresh(binance, noon), 2U);
    EXPECT_EQ(board.count_disputed(binance, noon), 1U);
    EXPECT_EQ(board.count_disputed(binance, noon + 5s - 1ms), 1U);
    EXPECT_EQ(board.count_disputed(binance, noon + 5s), 0U);
    EXPECT_TRUE(unserved_exchangers(board, noon).empty());
    EXPECT_EQ(unserved_exchangers(board, noon + 5s).size(), map.exchangers.size());
}

TEST_F(BoardTest, AFailoverNamesTheDisputed) {
    put(binance, btc_usd, noon, 1h);
    board.choose_active(noon);
    put(coingecko, btc_usd, noon, 1h);
    const auto value = rate("60000");
    board.apply({binance, btc_usd, value, value, value, noon, noon + 1h, {}, "far above"});
    const auto change = board.choose_active(noon + 2s);
    ASSERT_TRUE(change);
    EXPECT_TRUE(change->reason.ends_with(", 1 of binance disputed")) << change->reason;
    EXPECT_EQ(board.version(), 5U);
}

}  // namespace
}  // namespace kurs
