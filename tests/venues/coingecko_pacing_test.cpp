#include "venues/coingecko/pacing.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::coingecko {
namespace {

using namespace kurs::testing;

TEST(CoinGeckoPacing, StartsAtOnce) {
    Spending spending;
    EXPECT_LE(Pacing(*find_plan("none"), spending).next(false), noon);
}

TEST(CoinGeckoPacing, PollsRarelyAsAStandbyAndAtTheCachesPaceWhenNeeded) {
    Spending spending;
    Pacing pacing(*find_plan("none"), spending);
    pacing.spend(noon);
    EXPECT_EQ(pacing.next(false), noon + 5min);
    EXPECT_EQ(pacing.next(true), noon + 62s);
}

TEST(CoinGeckoPacing, AStandbyKeepsTheReferenceRateFresh) {
    for (const auto* name : {"none", "demo", "basic", "analyst", "lite", "pro"}) {
        EXPECT_LE(find_plan(name)->standby_every, 10min) << name;
    }
}

TEST(CoinGeckoPacing, WaitsWhileRateLimited) {
    Spending spending;
    Pacing pacing(*find_plan("pro"), spending);
    pacing.spend(noon);
    pacing.rest_until(noon + 10min);
    EXPECT_EQ(pacing.next(true), noon + 10min);
}

TEST(CoinGeckoPacing, AFailedCallIsRetriedSoonWithinTheMinuteLimit) {
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

/// The number of calls in a month during which values are always needed.
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

TEST(CoinGeckoPacing, StaysWithinTheMonthlyCreditsWhenAlwaysNeeded) {
    for (const auto* name : {"demo", "basic", "analyst", "lite", "pro"}) {
        const auto plan = *find_plan(name);
        EXPECT_LE(calls_in_a_month(plan, true), plan.credits_per_month + 1) << name;
    }
}

TEST(CoinGeckoPacing, UsesMostOfThePlansCredits) {
    EXPECT_GT(calls_in_a_month(*find_plan("demo"), true), 9'900);
    EXPECT_LT(calls_in_a_month(*find_plan("demo"), false), 5'000) << "a standby saves up";
}

TEST(CoinGeckoPacing, ReplicasTogetherStayWithinTheCredits) {
    const auto plan = *find_plan("demo");
    EXPECT_LE(3 * calls_in_a_month(plan, true, 3), plan.credits_per_month + 3);
}

TEST(CoinGeckoPacing, SharingDividesTheSavedCreditsOnce) {
    Spending spending;
    spending.saved = Duration(9h);
    spending.share_among(3);
    spending.share_among(3);
    EXPECT_EQ(spending.saved, Duration(3h));
    spending.share_among(1);
    EXPECT_EQ(spending.saved, Duration(3h)) << "the others may have spent theirs";
}

TEST(CoinGeckoPacing, JoiningIncludesTheSpendingOfTheOther) {
    Spending mine, other;
    mine.last_call = noon;
    other = {Duration(2h), noon - 1min, noon + 1h};
    mine.join(other);
    EXPECT_EQ(mine.saved, Duration(2h));
    EXPECT_EQ(mine.last_call, noon);
    EXPECT_EQ(mine.resting_until, noon + 1h);
}

TEST(CoinGeckoPacing, ContinuesFromTheStateOfAnotherSession) {
    Spending spending;
    Pacing(*find_plan("demo"), spending).spend(noon);
    Pacing next(*find_plan("demo"), spending);
    EXPECT_EQ(next.next(true), noon + 62s);
    spending.saved = 0ms;
    EXPECT_EQ(next.next(true), noon + Duration(31 * 24h) / 10'000);
    next.rest_until(noon + 1h);
    EXPECT_EQ(Pacing(*find_plan("demo"), spending).next(true), noon + 1h);
}

TEST(CoinGeckoBudget, ReportsTheRemainingCredits) {
    Budget budget(*find_plan("demo"));
    EXPECT_EQ(Budget(*find_plan("none")).credits_left(noon), std::nullopt);
    EXPECT_EQ(budget.credits_left(noon), 60);
    Pacing pacing(*find_plan("demo"), budget.spending());
    for (int i = 0; i < 60; ++i) pacing.spend(noon);
    EXPECT_EQ(budget.credits_left(noon), 0);
    EXPECT_EQ(budget.credits_left(noon + 1h), 13);
    EXPECT_EQ(budget.credits_left(noon + 24 * 31h), 322) << "a day's worth at most";
}

TEST(CoinGeckoBudget, AnotherReplicaContinuesFromItsText) {
    Budget first(*find_plan("demo")), second(*find_plan("demo"));
    first.spending() = {Duration(3h), noon - 1min, noon + 1h};
    second.share_among(3);
    second.adopt(first.to_text());
    EXPECT_EQ(second.spending().saved, Duration(3h));
    EXPECT_EQ(second.spending().last_call, noon - 1min);
    EXPECT_TRUE(second.is_resting(noon));
    EXPECT_FALSE(second.is_resting(noon + 1h));
    EXPECT_EQ(second.spending().spenders, 3);
}

TEST(CoinGeckoBudget, ReportsUnknownCredits) {
    Budget first(*find_plan("demo")), second(*find_plan("demo"));
    second.adopt(first.to_text());
    EXPECT_FALSE(second.spending().saved);
    EXPECT_FALSE(second.spending().last_call);
}

TEST(CoinGeckoBudget, JoiningAddsTheSpendingOfTheOther) {
    Budget first(*find_plan("demo")), second(*find_plan("demo"));
    first.spending().saved = Duration(1h);
    second.spending() = {Duration(3h), noon, {}};
    second.join(first.to_text());
    EXPECT_EQ(second.spending().saved, Duration(1h));
    EXPECT_EQ(second.spending().last_call, noon);
}

TEST(CoinGeckoBudget, IgnoresMalformedText) {
    Budget budget(*find_plan("demo"));
    budget.spending().saved = Duration(3h);
    for (const auto* text :
         {"", "1", "1 2", "1 2 x", "1 2 3 4", "x - 1", R"({"saved":1})", "1 2 99999999999999999999"}) {
        budget.adopt(text);
        budget.join(text);
        EXPECT_EQ(budget.spending().saved, Duration(3h)) << text;
    }
}

}  // namespace
}  // namespace kurs::coingecko
