#include "kurs/app/recovery.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "kurs/board/board.hpp"
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

/// Keeps the newest of each symbol.
class NewestTicks {
public:
    void add(SymbolId symbol, Rate bid, Rate ask, TimePoint observed_at) {
        const Tick tick{symbol, bid, ask, observed_at};
        const auto [held, is_first] = newest_.try_emplace(symbol, tick);
        if (!is_first && held->second.observed_at < observed_at) held->second = tick;
    }

    std::vector<Tick> take() const {
        std::vector<Tick> ticks;
        for (const auto& [symbol, tick] : newest_) ticks.push_back(tick);
        return ticks;
    }

private:
    std::map<SymbolId, Tick> newest_;
};

}  // namespace

std::vector<Tick> recovered_ticks(const MarketMap& map, const std::vector<RecordedQuote>& quotes) {
    NewestTicks newest;
    for (const auto& quote : quotes) {
        for (const auto& leg : quote.legs) {
            const auto symbol = find_symbol(map, leg);
            if (symbol) newest.add(*symbol, leg.bid, leg.ask, leg.observed_at);
        }
    }
    return newest.take();
}

std::vector<Tick> held_ticks(const Board& board) {
    NewestTicks newest;
    for (const auto& quote : board.whole().quotes) {
        for (const auto& leg : quote.legs) newest.add(leg.symbol, leg.bid, leg.ask, leg.observed_at);
    }
    return newest.take();
}

}  // namespace kurs
