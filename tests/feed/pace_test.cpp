#include <gtest/gtest.h>

#include "kurs/feed/attempt_budget.hpp"
#include "kurs/feed/replacement_pace.hpp"
#include "kurs/feed/send_pace.hpp"
#include "kurs/feed/stall_watch.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration since_start) {
    return TimePoint{1h} + since_start;
}

TEST(SendPace, AllowsFourMessagesInAnySecond) {
    SendPace pace(4);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(pace.wait(at(i * 100ms)), 0ms);
        pace.sent(at(i * 100ms));
    }
    EXPECT_GE(at(300ms) + pace.wait(at(300ms)), at(1s));
    EXPECT_EQ(pace.wait(at(1'100ms)), 0ms);
    pace.sent(at(1'100ms));
    EXPECT_GT(pace.wait(at(1'100ms)), 0ms);
}

TEST(AttemptBudget, IsSpentWithinARollingWindow) {
    AttemptBudget budget(2, 5min);
    EXPECT_EQ(budget.allowed_at(at(0s)), at(0s));
    budget.spend(at(0s));
    budget.spend(at(60s));
    EXPECT_EQ(budget.allowed_at(at(61s)), at(5min));
    EXPECT_EQ(budget.allowed_at(at(6min)), at(6min));
    budget.spend(at(5min));
    EXPECT_EQ(budget.allowed_at(at(5min)), at(6min));
}

TEST(ReplacementPace, GrowsFromZeroToFiveMinutes) {
    ReplacementPace pace{ReplacementLimits{}};
    TimePoint now = at(0s);
    EXPECT_TRUE(pace.is_allowed(now));
    for (const Duration gap : {10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
        pace.replaced(now);
        EXPECT_FALSE(pace.is_allowed(now + gap - 1ms)) << gap.count();
        now += gap;
        EXPECT_TRUE(pace.is_allowed(now)) << gap.count();
    }
}

TEST(ReplacementPace, IsResetAfterAMinuteWithoutSilentSymbols) {
    ReplacementPace pace{ReplacementLimits{}};
    pace.replaced(at(0s));
    pace.replaced(at(10s));  // the next one is allowed at 30 s
    pace.all_live(at(11s));
    pace.interrupted();
    pace.all_live(at(12s));
    pace.all_live(at(71s));
    pace.replaced(at(71s));
    EXPECT_FALSE(pace.is_allowed(at(71s + 39s)));

    pace.all_live(at(120s));
    pace.all_live(at(180s));
    EXPECT_TRUE(pace.is_allowed(at(180s)));
    pace.replaced(at(180s));
    EXPECT_TRUE(pace.is_allowed(at(190s)));
}

TEST(StallWatch, DetectsAStalledLoop) {
    StallWatch watch(1s, at(0s));
    watch.beat(at(900ms));
    EXPECT_FALSE(watch.is_stalled(at(1'900ms)));
    EXPECT_TRUE(watch.is_stalled(at(1'901ms)));
}

TEST(StallWatch, IsNotResetByABeatAfterAStall) {
    StallWatch watch(1s, at(0s));
    watch.beat(at(5s));
    EXPECT_TRUE(watch.is_stalled(at(5s)));
}

}  // namespace
}  // namespace kurs
