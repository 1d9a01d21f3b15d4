#include "kurs/boardlog/slots.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

TEST(Slots, SlotsBeginAtMultiplesOfTheClock) {
    const Slots slots{50ms, 100ms};
    EXPECT_EQ(slots.slot_of(noon + 49ms), noon);
    EXPECT_EQ(slots.slot_of(noon + 50ms), noon + 50ms);
    EXPECT_EQ(slots.until_next(noon), 50ms);
    EXPECT_EQ(slots.until_next(noon + 49ms), 1ms);
    EXPECT_EQ(slots.lead(), 150ms);
}

TEST(Slots, AVersionIsTheSlotsBeginningInMicroseconds) {
    EXPECT_EQ(Slots::version_of(noon), 1'700'000'000'000'000u);
}

}  // namespace
}  // namespace kurs
