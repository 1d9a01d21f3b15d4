#pragma once

#include <map>
#include <utility>

#include "kurs/board/board_change.hpp"

namespace kurs {

/// Gathers what changes until it is published: of each venue and direction, the last.
class ChangeCollector {
public:
    void add(const Quote& quote);
    void add(const LostDirection& lost);
    void add(ActiveChange change) { active_ = std::move(change); }

    bool is_empty() const { return quotes_.empty() && !active_; }

    /// What was gathered, without version and moment; begins anew.
    BoardChange take();

private:
    using Series = std::pair<VenueId, DirectionId>;

    std::map<Series, std::optional<Quote>> quotes_;  ///< none: lost
    std::optional<ActiveChange> active_;
};

}  // namespace kurs
