#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs::coingecko {

/// The symbols of one venue by coin and currency, and the names in a request for all of them.
struct Coins {
    std::unordered_map<std::string, SymbolId> by_name;  ///< "bitcoin/usd"
    std::vector<std::string> ids;                       ///< each coin once
    std::vector<std::string> currencies;                ///< each currency once
};

Coins make_coins(const MarketMap& map, const std::vector<SymbolId>& symbols);

/// A last price as a tick. `number` is the text of a JSON number; `updated_at` is clamped to `received_at`.
/// Fails with `malformed` if `updated_at` is further ahead than clocks may differ.
result<Tick> make_tick(SymbolId symbol, std::string_view number, TimePoint updated_at, TimePoint received_at);

/// Unix seconds as CoinGecko writes them: an integer or, in older frames, a fraction truncated to
/// milliseconds.
result<TimePoint> read_time(std::string_view text);

}  // namespace kurs::coingecko
