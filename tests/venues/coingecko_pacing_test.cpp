#include "venues/coingecko/pacing.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

TEST(CoinGeckoPacing, BeginsAtOnce) {
    Spending spending;
    EXPECT_LE(Pacing(*find_plan("none"), spending).next(false), noon);
}

TEST(CoinGeckoPacing, IsSlowAsAStandbyAndAtTheCachesPaceWhenNeeded) {
    Spending spending;
    Pacing pacing(*find_plan("none"), spending);
    pacing.spend(noon);
    EXPECT_EQ(pacing.next(false), noon + 5min);
    EXPECT_EQ(pacing.next(true), noon + 62s);
}

TEST(CoinGeckoPacing, AStandbyKeepsTheFiatLegFresh) {
    for (const auto* name : {"none", "demo", "basic", "analyst", "lite", "pro"}) {
        EXPECT_LE(find_plan(name)->standby_every, 10min) << name;
    }
}

TEST(CoinGeckoPacing, RestsAsLongAsItWasAskedTo) {
    Spending spending;
    Pacing pacing(*find_plan("pro"), spending);
    pacing.spend(noon);
    pacing.rest_until(noon + 10min);
    EXPECT_EQ(pacing.next(true), noon + 10min);
}

TEST(CoinGeckoPacing, ACallThatBroughtNothingIsMadeAgainSoonWithinTheMinuteLimit) {
    Spending of_demo, of_keyless;
    Pacing demo(*find_plan("demo"), of_demo), keyless(*find_plan("none"), of_keyless);
    demo.spend(noon);
    demo.retry(noon + 3s);
    EXPECT_EQ(demo.next(false), noon + 3s);
    keyless.spend(noon);
    keyless.retry(noon + 3s);
    EXPECT_EQ(keyless.next(true), noon + 12s);
    keyless.spend(noon + 12s);
    EXPECT_EQ(keyless.next(false), noon + 12s + 5min);
}

/// How many calls a month of uninterrupted need makes.
int calls_in_a_month(const Plan& plan, bool is_needed, int spenders = 1) {
    Spending spending;
    spending.saved = 0ms;
    spending.spenders = spenders;
    Pacing pacing(plan, spending);
    int calls = 0;
    for (auto now = noon; now < noon + 31 * 24h; now = std::max(pacing.next(is_needed), now + 1ms)) {
        pacing.spend(now);
        ++calls;
    }
    return calls;
}

TEST(CoinGeckoPacing, StaysWithinTheMonthlyCreditsEvenIfAlwaysNeeded) {
    for (const auto* name : {"demo", "basic", "analyst", "lite", "pro"}) {
        const auto plan = *find_plan(name);
        EXPECT_LE(calls_in_a_month(plan, true), plan.credits_per_month + 1) << name;
    }
}

TEST(CoinGeckoPacing, UsesWhatThePlanGives) {
    EXPECT_GT(calls_in_a_month(*find_plan("demo"), true), 9'900);
    EXPECT_LT(calls_in_a_month(*find_plan("demo"), false), 5'000) << "a standby saves up";
}

TEST(CoinGeckoPacing, SpendersTogetherStayWithinTheCredits) {
    const auto plan = *find_plan("demo");
    EXPECT_LE(3 * calls_in_a_month(plan, true, 3), plan.credits_per_month + 3);
}

TEST(CoinGeckoPacing, WhoSharesTakesAShareOfWhatWasSavedOnce) {
    Spending spending;
    spending.saved = Duration(9h);
    spending.share_among(3);
    spending.share_among(3);
    EXPECT_EQ(spending.saved, Duration(3h));
    spending.share_among(1);
    EXPECT_EQ(spending.saved, Duration(3h)) << "the others may have spent theirs";
}

TEST(CoinGeckoPacing, WhoJoinsKnowsWhatTheOtherHasSpent) {
    Spending mine, other;
    mine.last_call = noon;
    other = {Duration(2h), noon - 1min, noon + 1h};
    mine.join(other);
    EXPECT_EQ(mine.saved, Duration(2h));
    EXPECT_EQ(mine.last_call, noon);
    EXPECT_EQ(mine.resting_until, noon + 1h);
}

TEST(CoinGeckoPacing, GoesOnWhereAnotherSessionEnded) {
    Spending spending;
    Pacing(*find_plan("demo"), spending).spend(noon);
    Pacing next(*find_plan("demo"), spending);
    EXPECT_EQ(next.next(true), noon + 62s);
    spending.saved = 0ms;
    EXPECT_EQ(next.next(true), noon + Duration(31 * 24h) / 10'000);
    next.rest_until(noon + 1h);
    EXPECT_EQ(Pacing(*find_plan("demo"), spending).next(true), noon + 1h);
}

TEST(CoinGeckoPacing, SaysHowManyCreditsAreLeft) {
    const auto demo = *find_plan("demo");
    Spending spending;
    EXPECT_EQ(credits_left(*find_plan("none"), spending, noon), std::nullopt);
    EXPECT_EQ(credits_left(demo, spending, noon), 60);
    Pacing pacing(demo, spending);
    for (int i = 0; i < 60; ++i) pacing.spend(noon);
    EXPECT_EQ(credits_left(demo, spending, noon), 0);
    EXPECT_EQ(credits_left(demo, spending, noon + 1h), 13);
    EXPECT_EQ(credits_left(demo, spending, noon + 24 * 31h), 322) << "a day's worth at most";
}

}  // namespace
}  // namespace kurs::coingecko
