#include "kurs/pricing/conversion.hpp"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>

#include "support/market.hpp"

namespace kurs {
namespace {

using testing::rate;
using Rational = boost::multiprecision::cpp_rational;
using Whole = boost::multiprecision::cpp_int;

ConversionFactor factor(std::string_view bid, std::string_view ask, bool inverted = false) {
    return {rate(bid), rate(ask), inverted};
}

std::string text_of(const std::optional<Rate>& amount) {
    return amount ? to_string(*amount) : "0";
}

/// "result at rate"
std::string told(std::string_view amount, Side side, const std::vector<ConversionFactor>& factors,
                 int places) {
    const auto made = convert(rate(amount), side, factors, places);
    if (!made) return std::string(to_string(made.error()));
    return text_of(made->result) + " at " + text_of(made->rate);
}

TEST(Conversion, SellsAtTheBidRoundedDownAndBuysAtTheAskRoundedUp) {
    const std::vector book{factor("64117.98", "64117.99")};
    EXPECT_EQ(told("0.0333", Side::sell, book, 2), "2135.12 at 64117.98");
    EXPECT_EQ(told("0.0333", Side::buy, book, 2), "2135.13 at 64117.99");
    EXPECT_EQ(told("0.5", Side::sell, book, 2), "32058.99 at 64117.98") << "exact: nothing to round";
    EXPECT_EQ(told("0.5", Side::buy, {factor("3", "4")}, 0), "2 at 4") << "exact: nothing to round";
}

TEST(Conversion, OfAnInvertedFactorUsesTheOtherSideOfItsBook) {
    const std::vector inverse{factor("3", "4", true)};
    EXPECT_EQ(told("1", Side::sell, inverse, 6), "0.25 at 0.25");
    EXPECT_EQ(told("1", Side::buy, inverse, 6), "0.333334 at 0.333333333333333333");
}

TEST(Conversion, IsExactWhereIntermediateRoundingWouldShow) {
    EXPECT_EQ(told("3", Side::sell, {factor("3", "3", true)}, 18), "1 at 0.333333333333333333");
    EXPECT_EQ(told("3", Side::buy, {factor("3", "3", true)}, 18), "1 at 0.333333333333333333");
    EXPECT_EQ(told("1", Side::sell, {factor("2", "2"), factor("3", "3", true)}, 4),
              "0.6666 at 0.666666666666666666");
}

TEST(Conversion, MayRoundToZeroWhenItSellsAndNeverWhenItBuys) {
    const std::vector book{factor("4", "5")};
    EXPECT_EQ(told("0.000000000000000001", Side::sell, book, 2), "0 at 4");
    EXPECT_EQ(told("0.000000000000000001", Side::buy, book, 2), "0.01 at 5");
    const std::vector tiny{factor("300000000000000000000", "300000000000000000000", true)};
    EXPECT_EQ(told("900000000000000", Side::sell, tiny, 18), "0.000003 at 0");
}

TEST(Conversion, RefusesWhatDoesNotFit) {
    const std::vector large{factor("300000000000000000000", "300000000000000000000")};
    EXPECT_EQ(told("1.1", Side::sell, large, 2), "330000000000000000000 at 300000000000000000000");
    EXPECT_EQ(told("2", Side::sell, large, 2), "overflow");
    EXPECT_EQ(told("0.1", Side::sell, {large[0], factor("2", "2")}, 2), "overflow") << "the rate";
    EXPECT_EQ(told("1", Side::sell, {}, 2), "malformed");
    EXPECT_EQ(told("1", Side::sell, std::vector(max_factors + 1, factor("1", "1")), 2), "malformed");
}

TEST(Conversion, SupportsTheWidestFactors) {
    constexpr std::string_view widest = "340282366920938463463.374607431768211455";
    EXPECT_EQ(told(widest, Side::sell, std::vector(max_factors, factor(widest, widest, true)), 18), "0 at 0");
    EXPECT_EQ(told(widest, Side::sell, std::vector(max_factors, factor(widest, widest)), 18), "overflow");
    std::vector<ConversionFactor> mixed;
    for (std::size_t i = 0; i < max_factors; ++i) mixed.push_back(factor(widest, widest, i % 2 == 0));
    EXPECT_EQ(told(widest, Side::buy, mixed, 18), std::string(widest) + " at 1");
}

/// Up to 16 digits with a point anywhere among Rate's decimals.
Rate random_rate(std::mt19937_64& chance) {
    u128 units = 1 + chance() % 9'999'999'999'999'999U;
    for (auto zeros = chance() % 10; zeros > 0; --zeros) units *= 10;
    return Rate::from_units(units).value();
}

Rational exact(Rate value) {
    const auto high = static_cast<std::uint64_t>(value.units() >> 64);
    const auto low = static_cast<std::uint64_t>(value.units());
    return {Whole((Whole(high) << 64) + low), Whole("1000000000000000000")};
}

TEST(Conversion, EqualsAnIndependentComputationOfRandomBooks) {
    std::mt19937_64 chance(20261123);
    int compared = 0;
    for (int round = 0; round < 5000; ++round) {
        std::vector<ConversionFactor> factors;
        const auto side = chance() % 2 == 0 ? Side::sell : Side::buy;
        const auto count = 1 + chance() % 7;
        Rational product = 1;
        while (factors.size() < count) {
            const auto one = random_rate(chance), other = random_rate(chance);
            const ConversionFactor book{std::min(one, other), std::max(one, other), chance() % 2 == 0};
            factors.push_back(book);
            // A customer gets the worse price of each factor: the least product on sell, the largest on buy.
            const Rational bid = book.inverted ? Rational(1 / exact(book.ask)) : exact(book.bid);
            const Rational ask = book.inverted ? Rational(1 / exact(book.bid)) : exact(book.ask);
            product *= side == Side::sell ? bid : ask;
        }
        const auto amount = random_rate(chance);
        const int places = static_cast<int>(chance() % 19);
        const Whole scale = boost::multiprecision::pow(Whole(10), static_cast<unsigned>(places));
        const Rational steps = product * exact(amount) * scale;
        Whole whole = numerator(steps) / denominator(steps);
        if (side == Side::buy && Rational(whole) != steps) ++whole;
        const Rational result(whole, scale);
        const Rational limit(Whole(Whole(1) << 128), Whole("1000000000000000000"));

        const auto made = convert(amount, side, factors, places);
        if (product >= limit || result >= limit) {
            ASSERT_TRUE(!made && made.error() == errc::overflow) << round;
            continue;
        }
        ASSERT_TRUE(made) << round;
        ASSERT_EQ(made->result ? exact(*made->result) : Rational(0), result) << round;
        const Rational shown = made->rate ? exact(*made->rate) : Rational(0);
        const Rational last_decimal(Whole(1), Whole("1000000000000000000"));
        ASSERT_TRUE(shown <= product && product < shown + last_decimal) << round;
        ++compared;
    }
    EXPECT_GT(compared, 3000);
}

/// BTC-RUB, BTC-USD, ETH-RUB, ETH-USD and SOL-EUR; the dollar has the shorter routes.
struct ConversionPath : ::testing::Test {
    ConversionPath() {
        map.venues = {"binance", "coingecko"};
        map.exchangers = {testing::binance, testing::coingecko};
        for (const auto* const text : {"BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "SOL-EUR"})
            map.directions.push_back(testing::direction(text));
        for (std::uint16_t i = 0; i < 4; ++i) {
            std::vector<Leg> legs(i % 2 == 0 ? 2 : 1);
            map.routes.push_back({testing::binance, DirectionId{i}, legs, {}});
        }
        map.routes.push_back({testing::coingecko, DirectionId{0}, {Leg{}}, {}});
        map.routes.push_back({testing::coingecko, DirectionId{2}, {Leg{}}, {}});
        map.routes.push_back({testing::coingecko, DirectionId{4}, {Leg{}}, {}});
    }

    /// "BTC-USD / ETH-USD"
    std::string path(std::string_view from, std::string_view to, std::optional<VenueId> venue = {}) const {
        std::string text;
        for (const auto& [direction, inverted] : conversion_path(map, venue, from, to))
            text += (inverted ? " / " : " * ") + map.direction(direction).text();
        return text;
    }

    MarketMap map;
};

TEST_F(ConversionPath, IsADirectionOrItsInverseIfThereIsOne) {
    EXPECT_EQ(path("BTC", "RUB"), " * BTC-RUB");
    EXPECT_EQ(path("RUB", "BTC"), " / BTC-RUB");
    EXPECT_EQ(path("EUR", "SOL"), " / SOL-EUR");
}

TEST_F(ConversionPath, OtherwiseHasTwoDirectionsOfTheShortestRoutes) {
    EXPECT_EQ(path("BTC", "ETH"), " * BTC-USD / ETH-USD");
    EXPECT_EQ(path("ETH", "BTC"), " * ETH-USD / BTC-USD");
    EXPECT_EQ(path("USD", "RUB"), " / BTC-USD * BTC-RUB") << "of equal ones the first";
    EXPECT_EQ(path("RUB", "USD"), " / BTC-RUB * BTC-USD");
}

TEST_F(ConversionPath, HasOnlyDirectionsThatTheVenueQuotes) {
    EXPECT_EQ(path("BTC", "ETH", testing::coingecko), " * BTC-RUB / ETH-RUB");
    EXPECT_EQ(path("BTC", "USD", testing::coingecko), "");
    EXPECT_EQ(path("SOL", "EUR", testing::binance), "");
}

TEST_F(ConversionPath, IsEmptyIfTwoDirectionsDoNotLeadThere) {
    EXPECT_EQ(path("SOL", "RUB"), "");
    EXPECT_EQ(path("XMR", "RUB"), "");
    EXPECT_EQ(path("RUB", "XMR"), "");
}

}  // namespace
}  // namespace kurs
