#include "kurs/copies/view_pace.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

TEST(ViewPace, SlotsBeginAtMultiplesOfTheClock) {
    const ViewPace pace;
    EXPECT_EQ(pace.slot_of(noon + 49ms), noon);
    EXPECT_EQ(pace.slot_of(noon + 50ms), noon + 50ms);
    EXPECT_EQ(pace.until_next(noon), 50ms);
    EXPECT_EQ(pace.until_next(noon + 49ms), 1ms);
}

TEST(ViewPace, WhatWasPublishedInTheSlotThatIsServedNowIsCurrent) {
    const ViewPace pace;
    const auto version = ViewPace::version_of(noon);
    EXPECT_EQ(version, 1'700'000'000'000'000u);
    EXPECT_TRUE(pace.is_current(version, noon + 100ms));
    EXPECT_TRUE(pace.is_current(version, noon + 149ms));
    EXPECT_FALSE(pace.is_current(version, noon + 150ms)) << "others serve the next slot";
    EXPECT_TRUE(pace.is_current(version + 50'000, noon + 150ms));
}

TEST(ViewPace, VersionsGrowAndTellWhetherTheyAreShared) {
    const auto at_noon = ViewPace::version_of(noon);
    EXPECT_EQ(ViewPace::next_version(0, noon, false), at_noon);
    EXPECT_EQ(ViewPace::next_version(0, noon, true), at_noon + 1);
    for (const bool is_on_its_own : {false, true}) {
        for (const auto last : {at_noon, at_noon + 1}) {
            const auto next = ViewPace::next_version(last, noon, is_on_its_own);
            EXPECT_GT(next, last);
            EXPECT_EQ(ViewPace::is_shared(next), !is_on_its_own);
        }
    }
}

}  // namespace
}  // namespace kurs
