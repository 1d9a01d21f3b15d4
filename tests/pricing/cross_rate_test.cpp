#include "kurs/pricing/cross_rate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/market.hpp"

namespace kurs {
namespace {

using testing::rate;

QuoteLeg leg(std::string_view bid, std::string_view ask, bool inverted = false) {
    return {SymbolId{}, inverted, rate(bid), rate(ask), {}};
}

TEST(CrossRate, OfOneLegIsItsBookAndTheMid) {
    const std::vector legs{leg("64117.98", "64117.99")};
    const auto cross = cross_rate(legs).value();
    EXPECT_EQ(to_string(cross.bid), "64117.98");
    EXPECT_EQ(to_string(cross.value), "64117.985");
    EXPECT_EQ(to_string(cross.ask), "64117.99");
}

TEST(CrossRate, InvertsBothSides) {
    const std::vector legs{leg("0.8", "1.25", true)};
    const auto cross = cross_rate(legs).value();
    EXPECT_EQ(to_string(cross.bid), "0.8");
    EXPECT_EQ(to_string(cross.value), "1.025");
    EXPECT_EQ(to_string(cross.ask), "1.25");
}

TEST(CrossRate, IsExactWhereIntermediateRoundingWouldShow) {
    // 3 * (1/3) is 1 only without intermediate rounding.
    const std::vector legs{leg("3", "3"), leg("3", "3", true)};
    EXPECT_EQ(to_string(cross_rate(legs).value().value), "1");
}

TEST(CrossRate, IsTruncatedSoThatTheOutputRoundsOnce) {
    // 2/3 = 0.666...: rounded at 18 decimals it would end in 7.
    const std::vector legs{leg("2", "2"), leg("3", "3", true)};
    EXPECT_EQ(to_string(cross_rate(legs).value().value), "0.666666666666666666");
}

TEST(CrossRate, ARateAndItsReciprocalDifferByLessThanTheSpreadAsShown) {
    const std::vector legs{leg("4898000.1", "4900000.2")}, inverted{leg("4898000.1", "4900000.2", true)};
    const auto shown = to_rounded_string(cross_rate(legs).value().value);
    const auto reciprocal = to_rounded_string(cross_rate(inverted).value().value);
    EXPECT_EQ(shown, "4899000.15");
    EXPECT_EQ(reciprocal, "0.00000020412329");
    const double product = std::stod(shown) * std::stod(reciprocal);
    EXPECT_LT(std::abs(product - 1), 2000.1 / 4899000.15);
}

TEST(CrossRate, RefusesOverflowZeroAndTooManyLegs) {
    const std::vector<QuoteLeg> none;
    const std::vector huge{leg("300000000000000000000", "300000000000000000000"), leg("2", "2")};
    const std::vector tiny{leg("0.000000000000000001", "0.000000000000000001"), leg("2", "2", true)};
    const std::vector many(max_legs + 1, leg("1", "1"));
    EXPECT_EQ(cross_rate(none).error(), errc::malformed);
    EXPECT_EQ(cross_rate(huge).error(), errc::overflow);
    EXPECT_EQ(cross_rate(tiny).error(), errc::not_positive);
    EXPECT_EQ(cross_rate(many).error(), errc::malformed);
}

TEST(CrossRate, SupportsTheWidestLegs) {
    const std::vector widest(max_legs, leg("340282366920938463463.374607431768211455",
                                           "340282366920938463463.374607431768211455", true));
    EXPECT_EQ(cross_rate(widest).error(), errc::not_positive);
}

}  // namespace
}  // namespace kurs
