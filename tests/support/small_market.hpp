#pragma once

#include <string_view>

#include "kurs/domain/market_map.hpp"
#include "kurs/domain/quote.hpp"

// Two exchangers and two directions: enough to see that names are kept apart.
namespace kurs::small {

using namespace std::chrono_literals;

inline constexpr TimePoint noon{1'700'000'000s};
inline constexpr VenueId binance{0}, coingecko{1};
inline constexpr DirectionId btc_usd{0}, eth_usd{1};

inline MarketMap small_market() {
    MarketMap map;
    map.venues = {"binance", "coingecko"};
    map.exchangers = {binance, coingecko};
    map.symbols = {{binance, "BTCUSDT", "BTC", "USDT", {}}, {binance, "USDCUSDT", "USDC", "USDT", {}}};
    map.directions = {Direction::parse("BTC-USD").value(), Direction::parse("ETH-USD").value()};
    return map;
}

inline Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

/// Observed a second before `at`.
inline Quote quote(VenueId venue, DirectionId direction, std::string_view value, TimePoint at = noon) {
    return {venue,
            direction,
            rate(value),
            rate(value),
            rate(value),
            at - 1s,
            at + 4s,
            {{SymbolId{0}, false, rate("64000.01"), rate("64000.02"), at - 1s},
             {SymbolId{1}, true, rate("0.999900000000000001"), rate("1.0001"), at}}};
}

}  // namespace kurs::small
