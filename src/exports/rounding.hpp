#pragma once

#include "kurs/pricing/fraction.hpp"

namespace kurs::exports {

enum class Rounding : std::uint8_t { down, up };

/// In units of 1e-18, rounded to `places` decimals.
inline Wide rounded_units(const Wide& numerator, const Wide& denominator, int places, Rounding rounding) {
    const Wide step = power_of_ten(Rate::decimals - places);
    Wide steps, rest;
    divide_qr(Wide(numerator * one_in_units), Wide(denominator * step), steps, rest);
    if (rounding == Rounding::up && rest != 0) ++steps;
    return steps * step;
}

}  // namespace kurs::exports
