#include "kurs/ingest/known_ticks.hpp"

#include <map>

#include "kurs/domain/history.hpp"

namespace kurs {
namespace {

/// Keeps the newest tick of each symbol.
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

std::vector<Tick> known_ticks(const MarketMap& map, const std::vector<RecordedQuote>& quotes) {
    NewestTicks newest;
    for (const auto& quote : quotes) {
        for (const auto& leg : quote.legs) {
            const auto symbol = map.find_symbol(leg.venue, leg.symbol);
            if (symbol) newest.add(*symbol, leg.bid, leg.ask, leg.observed_at);
        }
    }
    return newest.take();
}

std::vector<Tick> known_ticks(const BoardChange& board) {
    NewestTicks newest;
    for (const auto& quote : board.quotes) {
        for (const auto& leg : quote.legs) newest.add(leg.symbol, leg.bid, leg.ask, leg.observed_at);
    }
    return newest.take();
}

}  // namespace kurs
