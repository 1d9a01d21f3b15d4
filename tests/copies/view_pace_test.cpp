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

TEST(ViewPace, AVersionIsTheSlotsBeginningInMicroseconds) {
    EXPECT_EQ(ViewPace::version_of(noon), 1'700'000'000'000'000u);
}

}  // namespace
}  // namespace kurs
