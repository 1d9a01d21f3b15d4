#include "kurs/ingest/refusal_log.hpp"

#include <algorithm>
#include <functional>

namespace kurs {
namespace {

bool is_recent(const RefusalReport& entry, TimePoint now) {
    return now - entry.last_at < refusals_kept;
}

}  // namespace

void RefusalLog::add(SymbolId symbol, errc reason, std::optional<Rate> bid, std::optional<Rate> ask,
                     TimePoint now) {
    auto* entry = find(symbol, reason);
    const bool is_known = entry && is_recent(*entry, now);
    if (!entry && entries_.size() < most_entries) entry = &entries_.emplace_back();
    if (!entry) entry = &*std::ranges::min_element(entries_, {}, &RefusalReport::last_at);
    *entry = {
        symbol, reason, bid, ask, is_known ? entry->first_at : now, now, is_known ? entry->times + 1 : 1};
}

void RefusalLog::restore(const std::vector<RefusalReport>& earlier) {
    for (const auto& entry : earlier)
        if (entries_.size() < most_entries && !find(entry.symbol, entry.reason)) entries_.push_back(entry);
}

std::vector<RefusalReport> RefusalLog::recent(TimePoint now) const {
    std::vector<RefusalReport> found;
    std::ranges::copy_if(entries_, std::back_inserter(found),
                         [now](const RefusalReport& entry) { return is_recent(entry, now); });
    std::ranges::stable_sort(found, std::greater{}, &RefusalReport::last_at);
    return found;
}

RefusalReport* RefusalLog::find(SymbolId symbol, errc reason) {
    const auto found = std::ranges::find_if(entries_, [&](const RefusalReport& entry) {
        return entry.symbol == symbol && entry.reason == reason;
    });
    return found == entries_.end() ? nullptr : &*found;
}

}  // namespace kurs
