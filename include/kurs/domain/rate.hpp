#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "kurs/domain/errc.hpp"

namespace kurs {

// An extension of GCC and Clang; there is no standard type of this width.
__extension__ using u128 = unsigned __int128;

/// A price with exact decimals: a positive multiple of 1e-18, below 3.4e20.
class Rate {
public:
    static constexpr int decimals = 18;

    /// Reads a plain decimal such as "61234.56000000". Fails with `malformed` on signs, exponents, spaces and
    /// more than 18 decimals, with `not_positive` on zero, with `overflow` on too many digits.
    static result<Rate> parse(std::string_view text);

    /// Reads a JSON number, exponent form included. Decimals after the 18th are truncated. Fails as `parse`
    /// does; a number below 1e-18 is `not_positive`, and so is a negative one.
    static result<Rate> parse_number(std::string_view text);

    /// Fails with `not_positive` on zero.
    static result<Rate> from_units(u128 units);

    constexpr u128 units() const { return units_; }

    friend constexpr auto operator<=>(Rate, Rate) = default;

private:
    constexpr explicit Rate(u128 units) : units_(units) {}

    u128 units_;
};

/// All decimals, plain notation, no trailing zeros: "61234.56".
std::string to_string(Rate rate);

/// Rounded half up to eight decimals or eight significant digits, whichever is more, without trailing zeros:
/// "54000.00012346", "0.00000020412937".
std::string to_rounded_string(Rate rate);

}  // namespace kurs
