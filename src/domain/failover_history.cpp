#include "kurs/domain/failover_history.hpp"

namespace kurs {
namespace {

constexpr std::size_t most_changes = 100;

}  // namespace

void FailoverHistory::add(ActiveChange change) {
    if (!changes_.empty() && changes_.back().venue == change.venue) return;
    changes_.push_back(std::move(change));
    forget_oldest();
}

void FailoverHistory::restore(const std::vector<ActiveChange>& earlier) {
    changes_.insert(changes_.begin(), earlier.begin(), earlier.end());
    forget_oldest();
}

std::vector<ActivePeriod> FailoverHistory::periods() const {
    std::vector<ActivePeriod> periods;
    std::optional<std::string> active;
    for (const auto& change : changes_) {
        if (change.venue == active) continue;
        if (active) periods.back().to = change.at;
        if (change.venue) periods.push_back({*change.venue, change.at, std::nullopt, change.reason});
        active = change.venue;
    }
    return periods;
}

void FailoverHistory::forget_oldest() {
    while (changes_.size() > most_changes) changes_.pop_front();
}

}  // namespace kurs
