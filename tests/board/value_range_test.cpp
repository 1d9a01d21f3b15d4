#include "kurs/board/value_range.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

TEST(ValueRange, MillionthsAreRoundedUp) {
    EXPECT_EQ(in_ppm(5, 1000), 5000U);
    EXPECT_EQ(in_ppm(1, 3), 333'334U);
    EXPECT_EQ(in_ppm(0, 3), 0U);
    EXPECT_EQ(distance_ppm(995, 1000), 5000U);
    EXPECT_EQ(distance_ppm(1005, 1000), 5000U);
}

TEST(ValueRange, TheMedianOfAnEvenNumberIsARange) {
    const auto of = [](std::vector<ValueRange> ranges) {
        const auto range = median(ranges);
        return std::pair(static_cast<int>(range.low), static_cast<int>(range.high));
    };
    EXPECT_EQ(of({{5, 5}}), std::pair(5, 5));
    EXPECT_EQ(of({{5, 5}, {3, 3}}), std::pair(3, 5));
    EXPECT_EQ(of({{5, 5}, {9, 9}, {3, 3}}), std::pair(5, 5));
    EXPECT_EQ(of({{9, 9}, {5, 5}, {3, 3}, {4, 4}}), std::pair(4, 5));
    EXPECT_EQ(of({{3, 9}, {5, 5}, {4, 6}}), std::pair(4, 6));
    EXPECT_EQ(of({{1, 9}, {2, 2}, {3, 3}, {4, 8}, {5, 7}}), std::pair(3, 7));
}

TEST(ValueRange, MillionthsDoNotOverflow) {
    constexpr auto most = std::numeric_limits<u128>::max();
    EXPECT_EQ(in_ppm(most, most), 1'000'000U);
    EXPECT_EQ(in_ppm(most / 200, most), 5000U);
    EXPECT_EQ(in_ppm(most, 1), furthest_ppm);
    EXPECT_EQ(in_ppm(1, most), 1U);
    EXPECT_EQ(in_ppm(1, 0), furthest_ppm);
}

TEST(ValueRange, TheGapIsThatOfTheNearestEnds) {
    EXPECT_EQ((ValueRange{110, 120}.gap_ppm({90, 100})), 100'000U);
    EXPECT_EQ((ValueRange{80, 90}.gap_ppm({100, 110})), 100'000U);
    EXPECT_EQ((ValueRange{95, 105}.gap_ppm({100, 110})), 0U);
}

TEST(ValueRange, ATrackKnowsTheValueAtAMomentAndAfterIt) {
    RangeTrack track;
    track.add({100, 100}, noon);
    track.add({110, 110}, noon + 10s);
    track.add({120, 120}, noon + 20s);
    const auto since = [&](TimePoint when) {
        ValueRange range{120, 120};
        track.widen(range, when);
        return range.low;
    };
    EXPECT_EQ(since(noon + 20s), 120U);
    EXPECT_EQ(since(noon + 19s), 110U);
    EXPECT_EQ(since(noon + 10s), 110U);
    EXPECT_EQ(since(noon + 9s), 100U);
    EXPECT_EQ(since(noon - 1h), 100U);
    track.add({90, 130}, noon + 20500ms);
    EXPECT_EQ(since(noon + 20s), 90U) << "of the same second";
}

TEST(ValueRange, ATrackForgetsAfterFiveMinutes) {
    RangeTrack track;
    for (auto at = noon; at < noon + 20min; at += 200ms) track.add({100, 100}, at);
    track.add({110, 110}, noon + 25min);
    ValueRange range{110, 110};
    track.widen(range, noon);
    EXPECT_EQ(range.low, 110U);
}

}  // namespace
}  // namespace kurs
