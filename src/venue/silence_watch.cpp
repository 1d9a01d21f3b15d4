#include "kurs/venue/silence_watch.hpp"

#include <algorithm>

namespace kurs {

SilenceWatch::SilenceWatch(const MarketMap& map, const std::vector<SymbolId>& symbols, Duration first_data,
                           TimePoint opened_at) {
    for (const SymbolId symbol : symbols) {
        const Duration limit = map.symbol(symbol).limits.max_age * 6 / 10;
        watched_[symbol] = {limit, opened_at + std::max(limit, first_data), false};
    }
}

void SilenceWatch::heard(SymbolId symbol, TimePoint at) {
    const auto found = watched_.find(symbol);
    if (found == watched_.end()) return;
    found->second.due_at = at + found->second.limit;
    found->second.was_heard = true;
}

std::optional<SilenceWatch::Silent> SilenceWatch::silent(TimePoint now) const {
    Silent found;
    for (const auto& [symbol, watched] : watched_) {
        if (now > watched.due_at) found.symbols.push_back(symbol);
    }
    if (found.symbols.empty()) return std::nullopt;
    found.is_total = found.symbols.size() == watched_.size();
    return found;
}

bool SilenceWatch::is_complete() const {
    return std::ranges::all_of(watched_, [](const auto& entry) { return entry.second.was_heard; });
}

}  // namespace kurs
