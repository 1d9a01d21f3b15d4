#include "kurs/domain/rate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace kurs {
namespace {

constexpr u128 max_units = std::numeric_limits<u128>::max();

constexpr u128 power_of_ten(int exponent) {
    u128 power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The digits of a number without the point, and the number of digits after the point.
struct Decimal {
    std::string digits;
    int places = 0;
};

/// Reads `digits[.digits]`. Rejects any other text.
result<Decimal> read_plain(std::string_view text) {
    constexpr std::size_t longest = 64;
    if (text.empty() || text.size() > longest) return text.empty() ? errc::malformed : errc::overflow;
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    const bool has_both_sides = !whole.empty() && (point == std::string_view::npos || !fraction.empty());
    if (!has_both_sides || !std::ranges::all_of(whole, is_digit) ||
        !std::ranges::all_of(fraction, is_digit)) {
        return errc::malformed;
    }
    return Decimal{std::string(whole).append(fraction), static_cast<int>(fraction.size())};
}

result<u128> read_units(std::string_view digits) {
    u128 units = 0;
    for (const char c : digits) {
        const auto digit = static_cast<unsigned>(c - '0');
        if (units > (max_units - digit) / 10) return errc::overflow;
        units = units * 10 + digit;
    }
    return units;
}

/// Scales to 1e-18 and truncates further digits.
result<Rate> to_rate(Decimal number) {
    if (number.places > Rate::decimals) {
        const auto excess = static_cast<std::size_t>(number.places - Rate::decimals);
        number.digits.erase(number.digits.size() - std::min(excess, number.digits.size()));
        number.places = Rate::decimals;
    }
    const auto units = read_units(number.digits);
    if (!units) return units.error();
    if (*units == 0) return errc::not_positive;
    const int missing = Rate::decimals - number.places;
    if (missing > 38 || *units > max_units / power_of_ten(missing)) return errc::overflow;
    return Rate::from_units(*units * power_of_ten(missing));
}

std::string to_text(u128 units) {
    const u128 one = power_of_ten(Rate::decimals);
    u128 whole = units / one;
    u128 fraction = units % one;
    std::array<char, 64> buffer{};
    auto* const end = buffer.data() + buffer.size();
    auto* begin = end;
    if (fraction != 0) {
        bool significant = false;
        for (int i = 0; i < Rate::decimals; ++i, fraction /= 10) {
            const auto digit = static_cast<char>('0' + static_cast<int>(fraction % 10));
            significant = significant || digit != '0';
            if (significant) *--begin = digit;
        }
        *--begin = '.';
    }
    do {
        *--begin = static_cast<char>('0' + static_cast<int>(whole % 10));
        whole /= 10;
    } while (whole != 0);
    return {begin, end};
}

}  // namespace

result<Rate> Rate::parse(std::string_view text) {
    const auto number = read_plain(text);
    if (!number) return number.error();
    if (number->places > decimals) return errc::malformed;
    return to_rate(*number);
}

result<Rate> Rate::parse_number(std::string_view text) {
    if (text.starts_with('-')) return read_plain(text.substr(1)) ? errc::not_positive : errc::malformed;
    const auto mark = text.find_first_of("eE");
    auto number = read_plain(text.substr(0, mark));
    if (!number) return number.error();
    if (mark != std::string_view::npos) {
        auto exponent_text = text.substr(mark + 1);
        if (exponent_text.starts_with('+') && !exponent_text.starts_with("+-"))
            exponent_text.remove_prefix(1);
        int exponent = 0;
        const auto* const end = exponent_text.data() + exponent_text.size();
        const auto [stop, error] = std::from_chars(exponent_text.data(), end, exponent);
        if (error != std::errc{} || stop != end) return errc::malformed;
        if (exponent > 40) return errc::overflow;
        if (exponent < -60) return errc::not_positive;
        number->places -= exponent;
    }
    return to_rate(*number);
}

result<Rate> Rate::from_units(u128 units) {
    if (units == 0) return errc::not_positive;
    return Rate(units);
}

std::string to_string(Rate rate) {
    return to_text(rate.units());
}

std::string to_rounded_string(Rate rate) {
    u128 step = power_of_ten(Rate::decimals - 8);
    while (step > 1 && rate.units() / step < power_of_ten(7)) step /= 10;
    u128 steps = rate.units() / step;
    if (step > 1 && rate.units() % step >= step / 2) ++steps;
    return to_text(steps * step);
}

}  // namespace kurs
