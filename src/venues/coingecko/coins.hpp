#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs::coingecko {

/// The symbols of one venue, by coin and currency, and what a request for all of them names.
struct Coins {
    std::unordered_map<std::string, SymbolId> by_name;  ///< "bitcoin/usd"
    std::vector<std::string> ids;                       ///< each coin once
    std::vector<std::string> currencies;                ///< each currency once
};

Coins make_coins(const MarketMap& map, const std::vector<SymbolId>& symbols);

/// A last price as a tick. `number` is a JSON number's own text; `updated_at` is clamped to `received_at`.
/// Fails with `malformed` where `updated_at` lies further ahead than clocks may differ.
result<Tick> make_tick(SymbolId symbol, std::string_view number, TimePoint updated_at, TimePoint received_at);

/// Unix seconds as CoinGecko writes them: an integer or, in older frames, with a fraction, cut at
/// milliseconds.
result<TimePoint> read_time(std::string_view text);

}  // namespace kurs::coingecko
