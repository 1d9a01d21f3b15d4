#include "../../src/venues/coingecko/pacing.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

TEST(CoinGeckoPacing, BeginsAtOnce) {
    EXPECT_LE(Pacing(*find_plan("none")).next(false), noon);
}

TEST(CoinGeckoPacing, IsSlowAsAStandbyAndAtTheCachesPaceWhenNeeded) {
    Pacing pacing(*find_plan("none"));
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
    Pacing pacing(*find_plan("pro"));
    pacing.spend(noon);
    pacing.rest_until(noon + 10min);
    EXPECT_EQ(pacing.next(true), noon + 10min);
}

TEST(CoinGeckoPacing, ACallThatBroughtNothingIsMadeAgainSoonWithinTheMinuteLimit) {
    Pacing demo(*find_plan("demo")), keyless(*find_plan("none"));
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
int calls_in_a_month(const Plan& plan, bool is_needed) {
    Pacing pacing(plan);
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
        EXPECT_LE(calls_in_a_month(plan, true), plan.credits_per_month + 61) << name;
    }
}

TEST(CoinGeckoPacing, UsesWhatThePlanGives) {
    EXPECT_GT(calls_in_a_month(*find_plan("demo"), true), 9'900);
    EXPECT_LT(calls_in_a_month(*find_plan("demo"), false), 5'000) << "a standby saves up";
}

}  // namespace
}  // namespace kurs::coingecko
