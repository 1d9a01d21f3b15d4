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
    EXPECT_EQ(offer(tick(usdcusdt, "0.9", "1.1", noon + 1s)), "accepted") << "the bounds themselves";
}

TEST_F(TickFilterTest, RefusesAJumpInEitherDirection) {
    EXPECT_EQ(offer(tick(btcusdt, "100", "100", noon, 1)), "accepted");
    EXPECT_EQ(offer(tick(btcusdt, "120.1", "120.1", noon + 1s, 2)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "83", "83", noon + 1s, 3)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "120", "120", noon + 1s, 4)), "accepted");
}

TEST_F(TickFilterTest, AcceptsALargeMoveAfterLongSilence) {
    offer(tick(btcusdt, "100", "100", noon, 1));
    EXPECT_EQ(offer(tick(btcusdt, "150", "150", noon + 59s, 2)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "150", "150", noon + 2min, 3)), "accepted");
}

TEST_F(TickFilterTest, RefusesATenfoldPriceForALongTime) {
    offer(tick(btcusdt, "100", "100", noon, 1));
    EXPECT_EQ(offer(tick(btcusdt, "1000", "1000", noon + 40min, 2)), "jump");
}

TEST_F(TickFilterTest, AcceptsTheLargerSequence) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 1s, 6)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon + 1s, 8)), "accepted");
}

TEST_F(TickFilterTest, ANewerValueHasItsOwnTime) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    offer(tick(btcusdt, "99", "101", noon - 7s, 8));
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon - 7s) << "its connection is later than the one before";
    EXPECT_EQ(to_string(filter.last(btcusdt)->bid), "99");
}

TEST_F(TickFilterTest, ARepeatConfirms) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 1s, 7)), "accepted");
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon + 1s);
}

TEST_F(TickFilterTest, ARepeatDoesNotMakeItOlder) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    offer(tick(btcusdt, "100", "101", noon - 7s, 7));
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon);
}

TEST_F(TickFilterTest, OneIsANumberLikeAnyOther) {
    offer(tick(btcusdt, "100", "101", noon, 1));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon - 7s, 1)), "accepted");
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon) << "a repeat";
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon - 7s, 2)), "accepted");
}

TEST_F(TickFilterTest, AnotherPriceUnderTheSameSequenceDoesNotGetTheLaterDate) {
    offer(tick(btcusdt, "100", "101", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "102", "103", noon - 1s, 7)), "out_of_order");
    EXPECT_EQ(filter.last(btcusdt)->bid, rate("100"));
    EXPECT_EQ(offer(tick(btcusdt, "100", "103", noon - 1s, 7)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon - 1s, 7)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "102", noon, 7)), "accepted") << "the same date";
    EXPECT_EQ(offer(tick(btcusdt, "102", "103", noon + 1s, 7)), "accepted");
}

TEST_F(TickFilterTest, ASmallerSequenceIsOldEvenIfTheHeldTickIsStale) {
    offer(tick(btcusdt, "100", "101", noon, 7'000));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 6s, 6'999)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 1h, 6'999)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 2h, 6'999)), "out_of_order");
    EXPECT_EQ(filter.last(btcusdt)->observed_at, noon);
}

TEST_F(TickFilterTest, ARefusedOrForgottenTickDoesNotMakeAnOldValueNew) {
    offer(tick(usdcusdt, "1", "1", noon, 7));
    EXPECT_EQ(offer(tick(usdcusdt, "0.5", "0.5", noon + 1s, 9)), "out_of_bounds");
    EXPECT_EQ(offer(tick(usdcusdt, "1", "1", noon + 2s, 7)), "out_of_order");
    EXPECT_EQ(offer(tick(usdcusdt, "1", "1", noon + 2s, 8)), "out_of_order");
    offer(tick(btcusdt, "100", "100", noon, 7));
    EXPECT_EQ(offer(tick(btcusdt, "500", "500", noon + 1s, 8)), "jump");
    EXPECT_EQ(offer(tick(btcusdt, "100", "100", noon + 2s, 7)), "out_of_order") << "the venue has moved on";
    filter.forget(btcusdt);
    EXPECT_EQ(offer(tick(btcusdt, "100", "100", noon + 3s, 6)), "out_of_order");
}

TEST_F(TickFilterTest, ARestoredValueIsReplacedByANewerOneOnly) {
    offer(tick(btcusdt, "100", "101", noon));
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon - 1s, 6)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "99", "101", noon + 1s, 7)), "accepted");
}

struct RenumberingTest : TickFilterTest {
    /// The minute after noon at which numbers from 1 on, one per `every`, are accepted; 0 if not within an
    /// hour.
    int believed_after(Duration every, int grows_for = 1'000) {
        offer(tick(btcusdt, "100", "101", noon, 1'000'000));
        for (int i = 1; i * every <= 1h; ++i) {
            const auto sequence = static_cast<std::uint64_t>(std::min(i, grows_for));
            const auto at = noon + i * every;
            if (offer(tick(btcusdt, "100", "101", at, sequence)) == "accepted")
                return static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(at - noon).count());
        }
        return 0;
    }
};

TEST_F(RenumberingTest, ARestartedNumberingIsAcceptedAfterTenMinutesOfGrowth) {
    EXPECT_EQ(believed_after(10s), 10);
}

TEST_F(RenumberingTest, APauseOfAMinuteRestartsTheCount) {
    EXPECT_EQ(believed_after(60s), 0);
}

TEST_F(RenumberingTest, AReplayThatStopsIsNotAccepted) {
    EXPECT_EQ(believed_after(10s, 50), 0) << "grew for eight minutes";
}

TEST_F(RenumberingTest, ANumberMayBeRepeated) {
    offer(tick(btcusdt, "100", "101", noon, 1'000));
    for (int i = 0; i < 60; ++i)
        EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + i * 10s, static_cast<std::uint64_t>(i / 3 + 1))),
                  "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 10min, 21)), "accepted");
}

TEST_F(RenumberingTest, ANumberAboveTheNewestEndsTheCount) {
    offer(tick(btcusdt, "100", "101", noon, 1'000));
    for (int i = 1; i < 59; ++i)
        offer(tick(btcusdt, "100", "101", noon + i * 10s, static_cast<std::uint64_t>(i)));
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 599s, 1'001)), "accepted");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 605s, 60)), "out_of_order");
    EXPECT_EQ(offer(tick(btcusdt, "100", "101", noon + 615s, 61)), "out_of_order");
}

TEST_F(TickFilterTest, WithoutSequencesAnOlderValueIsRefused) {
    offer(last_price(tether_usd, "0.999", noon));
    EXPECT_EQ(offer(last_price(tether_usd, "0.998", noon - 1s)), "out_of_order");
    EXPECT_EQ(offer(last_price(tether_usd, "0.999", noon)), "accepted");
}

}  // namespace
}  // namespace kurs
