#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <limits>

#include "kurs/domain/rate.hpp"

// Exact products of prices.
namespace kurs {

// The widest terms belong to the mid of a cross rate (twelve rates of 128 bits, the scale's 60 bits and a
// factor of 2) and to a conversion (twelve rates, the amount of 128 bits and the scale's 60 bits).
using Wide = boost::multiprecision::number<boost::multiprecision::cpp_int_backend<
    2048, 2048, boost::multiprecision::unsigned_magnitude, boost::multiprecision::unchecked, void>>;

struct Fraction {
    Wide numerator = 1;
    Wide denominator = 1;
};

inline Wide power_of_ten(int exponent) {
    return boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
}

inline const Wide one_in_units = power_of_ten(Rate::decimals);

/// `rate` as a factor: rate / 1e18, or its inverse.
inline void multiply(Fraction& product, Rate rate, bool inverted) {
    auto& up = inverted ? product.denominator : product.numerator;
    auto& down = inverted ? product.numerator : product.denominator;
    up *= Wide(rate.units());
    down *= one_in_units;
}

/// Fails with `overflow`, or with `not_positive` on zero.
inline result<Rate> to_rate(const Wide& units) {
    if (units > Wide(std::numeric_limits<u128>::max())) return errc::overflow;
    return Rate::from_units(static_cast<u128>(units));
}

}  // namespace kurs
