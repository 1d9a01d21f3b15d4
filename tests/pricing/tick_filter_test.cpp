#include "kurs/pricing/tick_filter.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct TickFilterTest : ::testing::Test {
    MarketMap map = small_market();
    TickFilter filter{map};

    std::string_view offer(const Tick& tick) {
        const auto accepted = filter.accept(tick, tick.observed_at);
        return accepted ? "accepted" : to_string(accepted.error());
    }
};

TEST_F(TickFilterTest, RefusesACrossedBook) {
    EXPECT_EQ(offer(tick(btcusdt, "64000.01", "64000", noon)), "crossed");
    EXPECT_FALSE(filter.last(btcusdt));
}

TEST_F(TickFilterTest, RefusesAStablecoinOutsideItsBounds) {
    EXPECT_EQ(offer(tick(usdcusdt, "0.89", "1", noon)), "out_of_bounds");
    EXPECT_EQ(offer(tick(usdcusdt, "1", "1.11", noon)), "out_of_bounds");
    EXPECT_EQ(offer(tick(usdcusdt, "0.93", "0.9301", noon)), "accepted");
}

TEST_F(TickFilterTest, RefusesAJumpInEitherDirection) {
    EXPECT_EQ(offer(tick(btcusdt, "100", "100", noon, 1)), "accepted");
    EXPECT_EQ(offer(tick(btcusdt, "120.1", "120.1", noon + 1s, 2)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "83", "83", noon + 1s, 3)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "120", "120", noon + 1s, 4)), "accepted");
}

TEST_F(TickFilterTest, BelievesAFarMoveAfterLongSilence) {
    offer(tick(btcusdt, "100", "100", noon, 1));
    EXPECT_EQ(offer(tick(btcusdt, "150", "150", noon + 59s, 2)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "150", "150", noon + 2min, 3)), "accepted");
}

TEST_F(TickFilterTest, DoesNotBelieveATenfoldPriceForALongTime) {
    offer(tick(btcusdt, "100", "100", noon, 1));
    EXPECT_EQ(offer(tick(btcusdt, "1000", "1000", noon + 40min, 2)), "jump");
}

TEST_F(TickFilterTest, TakesTheLargerSequence) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 1s, 6)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon + 1s, 8)), "accepted");
}

TEST_F(TickFilterTest, ALaterSequenceIsNeverOlder) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    offer(tick(btcusdt, "99", "101", noon - 300ms, 8));
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon);
    EXPECT_EQ(to_string(filter.last(btcusdt)->bid), "99");
}

TEST_F(TickFilterTest, ARepeatConfirms) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 1s, 7)), "accepted");
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon + 1s);
}

TEST_F(TickFilterTest, ARestartedCounterIsBelievedOnceTheHeldValueIsStale) {
    offer(tick(btcusdt, "100", "101", noon, 7'000));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 4s, 1)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 5s, 2)), "accepted");
}

TEST_F(TickFilterTest, WithoutSequencesAnOlderValueIsRefused) {
    offer(last_price(tether_usd, "0.999", noon));
    EXPECT_EQ(offer(last_price(tether_usd, "0.998", noon - 1s)), "out_of_order");
    EXPECT_EQ(offer(last_price(tether_usd, "0.999", noon)), "accepted");
}

}  // namespace
}  // namespace kurs
