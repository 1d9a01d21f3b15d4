#include "kurs/app/venue_catalogue.hpp"

#include <algorithm>

namespace kurs {
namespace {

constexpr bool is_capital_or_digit(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

constexpr bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

constexpr bool is_id_character(char c) {
    return is_lower(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_binance_symbol(std::string_view text) {
    return text.size() >= 4 && text.size() <= 24 && std::ranges::all_of(text, is_capital_or_digit);
}

bool is_coingecko_symbol(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || text.size() > 80) return false;
    const auto currency = text.substr(slash + 1);
    return !currency.empty() && std::ranges::all_of(text.substr(0, slash), is_id_character) &&
           std::ranges::all_of(currency, is_id_character);
}

bool is_cbr_symbol(std::string_view text) {
    return text.size() == 7 && text.ends_with("/RUB") && is_asset_code(text.substr(0, 3));
}

std::string upper(std::string_view text) {
    std::string capitals(text);
    std::ranges::transform(capitals, capitals.begin(),
                           [](char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; });
    return capitals;
}

/// "bitcoin/usd": the coin by an identifier, the currency by its code.
SpeltPair coingecko_pair(std::string_view text) {
    const auto slash = text.find('/');
    return {std::string(text.substr(0, slash)), "", upper(text.substr(slash + 1))};
}

SpeltPair cbr_pair(std::string_view text) {
    return {"", std::string(text.substr(0, 3)), "RUB"};
}

}  // namespace

std::vector<VenueRule> known_venues(const Settings& settings) {
    return {{"binance", settings.binance_max_age, {}, is_binance_symbol, "BTCUSDT", {}, true},
            {"coingecko", settings.coingecko_max_age, settings.fiat_max_age, is_coingecko_symbol,
             "bitcoin/usd", coingecko_pair},
            {"cbr", settings.cbr_max_age, {}, is_cbr_symbol, "USD/RUB", cbr_pair}};
}

}  // namespace kurs
