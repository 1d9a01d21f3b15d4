#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sim {

/// A price or a quantity, counted in units of 0.00000001 as Binance writes them.
struct Amount {
    std::int64_t units = 0;

    friend auto operator<=>(Amount, Amount) = default;
    friend Amount operator+(Amount a, Amount b) { return {a.units + b.units}; }
    friend Amount operator-(Amount a, Amount b) { return {a.units - b.units}; }
    friend Amount operator*(Amount a, std::int64_t n) { return {a.units * n}; }
};

/// Always eight decimals: "64117.99000000".
std::string to_string(Amount amount);

/// Reads a plain decimal with up to eight decimals. Rejects signs, exponents and values above ten billion.
std::optional<Amount> parse_amount(std::string_view text);

/// For literals in tables and tests. Throws Rejected on invalid text.
Amount amount(std::string_view text);

/// For displayed or derived values only, never for a price that is sent.
double approximate(Amount amount);

}  // namespace sim
