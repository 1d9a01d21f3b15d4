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

TEST(ViewPace, WhatWasPublishedBeforeTheSlotThatIsServedNowIsBehind) {
    const ViewPace pace;
    const auto version = ViewPace::version_of(noon);
    EXPECT_EQ(version, 1'700'000'000'000'000u);
    EXPECT_EQ(pace.behind(version, noon + 100ms), 0ms);
    EXPECT_EQ(pace.behind(version, noon + 149ms), 0ms);
    EXPECT_EQ(pace.behind(version, noon + 150ms), 50ms) << "others serve the next slot";
    EXPECT_EQ(pace.behind(version + 49'999, noon + 150ms), 1ms) << "not nothing";
    EXPECT_EQ(pace.behind(version + 50'000, noon + 150ms), 0ms);
    EXPECT_EQ(pace.behind(version + 100'000, noon + 150ms), 0ms) << "ahead";
    EXPECT_GT(pace.behind(0, noon), 24h * 365) << "nothing is known";
}

}  // namespace
}  // namespace kurs
