#include "kurs/domain/failover_history.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

void expect_periods(const FailoverHistory& history, const std::vector<ActivePeriod>& expected) {
    const auto periods = history.periods();
    ASSERT_EQ(periods.size(), expected.size());
    for (std::size_t i = 0; i < periods.size(); ++i) EXPECT_TRUE(periods[i] == expected[i]) << i;
}

TEST(FailoverHistory, IsEmptyBeforeTheFirstActiveVenue) {
    expect_periods(FailoverHistory(), {});
}

TEST(FailoverHistory, EndsAPeriodWhereTheNextBegins) {
    FailoverHistory history;
    history.add({noon, "binance", "8 fresh at start"});
    expect_periods(history, {{"binance", noon, std::nullopt, "8 fresh at start"}});
    history.add({noon + 1h, "coingecko", "8 fresh against 0"});
    expect_periods(history, {{"binance", noon, noon + 1h, "8 fresh at start"},
                             {"coingecko", noon + 1h, std::nullopt, "8 fresh against 0"}});
}

TEST(FailoverHistory, MergesChangesThatRepeatTheVenue) {
    FailoverHistory history;
    history.add({noon, "binance", "first"});
    history.add({noon + 1s, "binance", "from another copy"});
    history.add({noon + 2s, "coingecko", "failover"});
    history.add({noon + 3s, "coingecko", "from another copy"});
    expect_periods(
        history, {{"binance", noon, noon + 2s, "first"}, {"coingecko", noon + 2s, std::nullopt, "failover"}});
}

TEST(FailoverHistory, LeavesAGapWhileTheServiceIsStopped) {
    FailoverHistory history;
    history.add({noon, "binance", "at start"});
    history.add({noon + 1h, std::nullopt, "stopped"});
    expect_periods(history, {{"binance", noon, noon + 1h, "at start"}});
    history.add({noon + 2h, "binance", "at start again"});
    expect_periods(history, {{"binance", noon, noon + 1h, "at start"},
                             {"binance", noon + 2h, std::nullopt, "at start again"}});
}

TEST(FailoverHistory, IgnoresAStopBeforeTheFirstActiveVenue) {
    FailoverHistory history;
    history.add({noon, std::nullopt, "stopped"});
    history.add({noon + 1s, std::nullopt, "stopped again"});
    expect_periods(history, {});
}

TEST(FailoverHistory, InsertsRestoredChangesBeforeKnownOnes) {
    FailoverHistory history;
    history.add({noon, "binance", "at start"});
    history.restore({{noon - 2h, "coingecko", "earlier"}, {noon - 1h, std::nullopt, "stopped"}});
    expect_periods(history, {{"coingecko", noon - 2h, noon - 1h, "earlier"},
                             {"binance", noon, std::nullopt, "at start"}});
}

TEST(FailoverHistory, HoldsTheNewestChangesOnly) {
    FailoverHistory history;
    for (int i = 0; i < 1000; ++i) history.add({noon + i * 1s, i % 2 == 0 ? "binance" : "coingecko", "turn"});
    const auto periods = history.periods();
    ASSERT_EQ(periods.size(), 100U);
    EXPECT_EQ(periods.front().from, noon + 900s);
    EXPECT_EQ(periods.back().from, noon + 999s);
    EXPECT_FALSE(periods.back().to);
}

TEST(FailoverHistory, RestoresNoMoreThanItHolds) {
    FailoverHistory history;
    history.add({noon, "binance", "at start"});
    std::vector<ActiveChange> earlier;
    for (int i = 0; i < 300; ++i) earlier.push_back({noon - 300s + i * 1s, i % 2 == 0 ? "a" : "b", "turn"});
    history.restore(earlier);
    const auto periods = history.periods();
    ASSERT_EQ(periods.size(), 100U);
    EXPECT_EQ(periods.front().from, noon - 99s);
    EXPECT_EQ(periods.back().venue, "binance") << "the newest stays";
}

}  // namespace
}  // namespace kurs
