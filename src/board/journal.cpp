#include "kurs/board/journal.hpp"

namespace kurs {
namespace {

constexpr std::size_t most_changes = 100;

}  // namespace

void Journal::add(ActiveChange change) {
    if (!changes_.empty() && changes_.back().venue == change.venue) return;
    changes_.push_back(std::move(change));
    forget_oldest();
}

void Journal::restore(std::vector<ActiveChange> earlier) {
    changes_.insert(changes_.begin(), std::move_iterator(earlier.begin()), std::move_iterator(earlier.end()));
    forget_oldest();
}

std::vector<ActiveSpell> Journal::spells() const {
    std::vector<ActiveSpell> spells;
    std::string active;
    for (const auto& change : changes_) {
        if (change.venue == active) continue;
        if (!active.empty()) spells.back().to = change.at;
        if (!change.venue.empty()) spells.push_back({change.venue, change.at, std::nullopt, change.reason});
        active = change.venue;
    }
    return spells;
}

void Journal::forget_oldest() {
    while (changes_.size() > most_changes) changes_.pop_front();
}

}  // namespace kurs
