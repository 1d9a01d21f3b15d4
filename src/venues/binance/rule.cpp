#include <algorithm>

#include "kurs/venues/binance.hpp"

namespace kurs::binance {
namespace {

bool is_symbol(std::string_view text) {
    const auto is_capital_or_digit = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    return text.size() >= 4 && text.size() <= 24 && std::ranges::all_of(text, is_capital_or_digit);
}

}  // namespace

VenueRule venue_rule(Duration max_age) {
    return {"binance", max_age, {}, is_symbol, "BTCUSDT", {}, true};
}

}  // namespace kurs::binance
