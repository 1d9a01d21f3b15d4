#include "kurs/app/recovery.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "kurs/domain/history.hpp"

namespace kurs {
namespace {

std::optional<SymbolId> find_symbol(const MarketMap& map, const RecordedLeg& leg) {
    const auto is_it = [&](const Symbol& symbol) {
        return symbol.name == leg.symbol && map.name(symbol.venue) == leg.venue;
    };
    const auto found = std::ranges::find_if(map.symbols, is_it);
    if (found == map.symbols.end()) return std::nullopt;
    return static_cast<SymbolId>(found - map.symbols.begin());
}

}  // namespace

std::vector<Tick> recovered_ticks(const MarketMap& map, const std::vector<RecordedQuote>& quotes) {
    std::map<SymbolId, Tick> newest;
    for (const auto& quote : quotes) {
        for (const auto& leg : quote.legs) {
            const auto symbol = find_symbol(map, leg);
            if (!symbol) continue;
            const Tick tick{*symbol, leg.bid, leg.ask, leg.observed_at};
            const auto [held, is_first] = newest.try_emplace(*symbol, tick);
            if (!is_first && held->second.observed_at < tick.observed_at) held->second = tick;
        }
    }
    std::vector<Tick> ticks;
    for (const auto& [symbol, tick] : newest) ticks.push_back(tick);
    return ticks;
}

}  // namespace kurs
