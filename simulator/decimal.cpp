#include "decimal.hpp"

#include <fmt/format.h>

#include "rejected.hpp"

namespace sim {
namespace {

constexpr std::int64_t one = 100'000'000;
constexpr int decimals = 8;
constexpr std::int64_t largest_whole = 10'000'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

std::string to_string(Amount amount) {
    const bool negative = amount.units < 0;
    const std::int64_t size = negative ? -amount.units : amount.units;
    return fmt::format("{}{}.{:08}", negative ? "-" : "", size / one, size % one);
}

std::optional<Amount> parse_amount(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    const bool point_without_digits = point != std::string_view::npos && fraction.empty();
    if (whole.empty() || point_without_digits || fraction.size() > decimals) return std::nullopt;

    std::int64_t units = 0;
    for (const char c : whole) {
        if (!is_digit(c) || units > largest_whole) return std::nullopt;
        units = units * 10 + (c - '0');
    }
    if (units > largest_whole) return std::nullopt;
    for (int i = 0; i < decimals; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const char c = at < fraction.size() ? fraction[at] : '0';
        if (!is_digit(c)) return std::nullopt;
        units = units * 10 + (c - '0');
    }
    return Amount{units};
}

Amount amount(std::string_view text) {
    const auto parsed = parse_amount(text);
    if (!parsed) throw Rejected(fmt::format("'{}' is not a decimal with up to 8 decimals", text));
    return *parsed;
}

double approximate(Amount amount) {
    return static_cast<double>(amount.units) / static_cast<double>(one);
}

}  // namespace sim
