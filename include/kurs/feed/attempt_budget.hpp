#pragma once

#include <deque>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Limits the attempts in a rolling window: a venue bans an address that connects too often.
class AttemptBudget {
public:
    AttemptBudget(std::size_t most, Duration window) : most_(most), window_(window) {}

    /// When the next attempt is allowed: `now`, or when the oldest one leaves the window.
    TimePoint allowed_at(TimePoint now) const;

    void spend(TimePoint now);

private:
    std::size_t most_;
    Duration window_;
    std::deque<TimePoint> spent_;  // at most `most_`
};

}  // namespace kurs
