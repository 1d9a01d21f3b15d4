#pragma once

#include <algorithm>
#include <cstdint>

#include "kurs/domain/time.hpp"

namespace kurs {

/// When a view is made and shown: by the clock, in slots that begin at its multiples. What is published in a
/// slot has the slot's beginning for its version, in microseconds since 1970, and is served a little later,
/// when all copies have it. So all copies serve the same version at the same moment. Those on their own keep
/// the pace, but make odd versions, and nobody else does: what stands behind one only that copy knows.
struct ViewPace {
    Duration slot{50};
    Duration delay{100};  ///< from a slot's beginning until it is served

    TimePoint slot_of(TimePoint now) const { return now - now.time_since_epoch() % slot; }
    Duration until_next(TimePoint now) const { return slot - now.time_since_epoch() % slot; }

    static std::uint64_t version_of(TimePoint beginning) {
        return static_cast<std::uint64_t>(std::chrono::microseconds(beginning.time_since_epoch()).count());
    }

    /// Of what is published in this slot, after that version.
    static std::uint64_t next_version(std::uint64_t last, TimePoint beginning, bool is_on_its_own) {
        const auto next = std::max(last + 1, version_of(beginning));
        return is_shared(next) == is_on_its_own ? next + 1 : next;
    }

    /// Whether all copies know, or are to know, what stands behind this version.
    static bool is_shared(std::uint64_t version) { return version % 2 == 0; }

    /// By when what happens now is served everywhere, at the latest.
    Duration lead() const { return slot + delay; }

    /// Whether all copies that are not behind serve a version no newer than this one.
    bool is_current(std::uint64_t version, TimePoint now) const {
        return version >= version_of(slot_of(now - delay));
    }
};

}  // namespace kurs
