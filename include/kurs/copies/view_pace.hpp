#pragma once

#include <chrono>
#include <cstdint>

#include "kurs/domain/time.hpp"

namespace kurs {

/// When a view is made and shown: by the clock, in slots that begin at its multiples. What is published in a
/// slot has the slot's beginning for its version, in microseconds since 1970, and is served a little later,
/// when all copies have it. So all copies serve the same version at the same moment, those on their own
/// included.
struct ViewPace {
    Duration slot{50};
    Duration delay{100};  ///< from a slot's beginning until it is served

    TimePoint slot_of(TimePoint now) const { return now - now.time_since_epoch() % slot; }
    Duration until_next(TimePoint now) const { return slot - now.time_since_epoch() % slot; }

    static std::uint64_t version_of(TimePoint beginning) {
        return static_cast<std::uint64_t>(std::chrono::microseconds(beginning.time_since_epoch()).count());
    }

    /// By when what happens now is served everywhere, at the latest.
    Duration lead() const { return slot + delay; }
};

}  // namespace kurs
