#include "kurs/pricing/cross_rate.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

namespace kurs {
namespace {

// The widest term belongs to the mid: twelve rates of 128 bits, the scale's 60 bits and a factor of 2.
using Wide = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<
    2048, 2048, boost::multiprecision::unsigned_magnitude, boost::multiprecision::unchecked, void>>;

struct Fraction {
    Wide numerator = 1;
    Wide denominator = 1;
};

const Wide one_in_units = boost::multiprecision::pow(Wide(10), static_cast<unsigned>(Rate::decimals));

/// `rate` as a factor: rate / 1e18, or its inverse.
void multiply(Fraction& product, Rate rate, bool inverted) {
    auto& up = inverted ? product.denominator : product.numerator;
    auto& down = inverted ? product.numerator : product.denominator;
    up *= Wide(rate.units());
    down *= one_in_units;
}

/// Truncated, not rounded: rounding half up later to fewer decimals equals rounding the exact value once.
result<Rate> cut(const Wide& numerator, const Wide& denominator) {
    const Wide units = numerator * one_in_units / denominator;
    if (units > Wide(std::numeric_limits<u128>::max())) return errc::overflow;
    return Rate::from_units(static_cast<u128>(units));
}

}  // namespace

result<CrossRate> cross_rate(std::span<const QuoteLeg> legs) {
    if (legs.empty() || legs.size() > max_legs) return errc::malformed;
    Fraction bid;
    Fraction ask;
    for (const auto& leg : legs) {
        multiply(bid, leg.inverted ? leg.ask : leg.bid, leg.inverted);
        multiply(ask, leg.inverted ? leg.bid : leg.ask, leg.inverted);
    }
    const auto low = cut(bid.numerator, bid.denominator);
    if (!low) return low.error();
    const auto high = cut(ask.numerator, ask.denominator);
    if (!high) return high.error();
    const Wide sum = bid.numerator * ask.denominator + ask.numerator * bid.denominator;
    const auto mid = cut(sum, bid.denominator * ask.denominator * 2);
    if (!mid) return mid.error();
    return CrossRate{*low, *mid, *high};
}

}  // namespace kurs
