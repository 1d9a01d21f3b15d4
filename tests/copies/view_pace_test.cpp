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

}  // namespace
}  // namespace kurs
