#include "kurs/domain/rate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace kurs {
namespace {

constexpr u128 max_units = std::numeric_limits<u128>::max();

/// All powers of ten that a u128 holds.
constexpr auto powers_of_ten = [] {
    std::array<u128, 39> powers{1};
    for (std::size_t exponent = 1; exponent < powers.size(); ++exponent)
        powers[exponent] = powers[exponent - 1] * 10;
    return powers;
}();

constexpr u128 power_of_ten(int exponent) {
    return powers_of_ten[static_cast<std::size_t>(exponent)];
}

/// The largest number that can be multiplied by each of them. Divisions of 128 bits are slow, and each tick
/// has several prices.
constexpr auto most_units = [] {
    auto most = powers_of_ten;
    for (auto& each : most) each = max_units / each;
    return most;
}();

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// A number in plain notation. Its exponent may have moved the point, so the fraction is not always what
/// stands after it.
struct Decimal {
    std::string_view whole;
    std::string_view fraction;
    int places = 0;  ///< digits after the point
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
    return Decimal{whole, fraction, static_cast<int>(fraction.size())};
}

/// Appends digits to `units`. False if they do not fit.
bool append_digits(u128& units, std::string_view digits) {
    constexpr u128 most_before_last = max_units / 10;
    constexpr u128 last = max_units % 10;
    for (const char c : digits) {
        const auto digit = static_cast<unsigned>(c - '0');
        if (units > most_before_last || (units == most_before_last && digit > last)) return false;
        units = units * 10 + digit;
    }
    return true;
}

/// Scales to 1e-18 and truncates further digits.
result<Rate> to_rate(Decimal number) {
    if (number.places > Rate::decimals) {
        const auto excess = static_cast<std::size_t>(number.places - Rate::decimals);
        const auto of_fraction = std::min(excess, number.fraction.size());
        number.fraction.remove_suffix(of_fraction);
        number.whole.remove_suffix(std::min(excess - of_fraction, number.whole.size()));
        number.places = Rate::decimals;
    }
    u128 units = 0;
    if (!append_digits(units, number.whole) || !append_digits(units, number.fraction)) return errc::overflow;
    if (units == 0) return errc::not_positive;
    const auto missing = static_cast<std::size_t>(Rate::decimals - number.places);
    if (missing >= most_units.size() || units > most_units[missing]) return errc::overflow;
    return Rate::from_units(units * powers_of_ten[missing]);
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
