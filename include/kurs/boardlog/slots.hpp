#pragma once

#include <chrono>
#include <cstdint>

#include "kurs/domain/time.hpp"

namespace kurs {

/// When replicas publish and serve. Slots begin at multiples of their length. The version of a change is the
/// beginning of its slot, in microseconds since 1970. The change is served `delay` later, when every replica
/// has received it. All replicas, standalone ones included, therefore serve the same version at the same
/// moment.
struct Slots {
    Duration length{10};
    Duration delay{20};  ///< a multiple of `length`, so that a timer fires when a change is due

    TimePoint slot_of(TimePoint now) const { return now - now.time_since_epoch() % length; }
    Duration until_next(TimePoint now) const { return length - now.time_since_epoch() % length; }

    static std::uint64_t version_of(TimePoint slot) {
        return static_cast<std::uint64_t>(std::chrono::microseconds(slot.time_since_epoch()).count());
    }

    /// The time by which every replica serves a change written now.
    Duration lead() const { return length + delay; }
};

}  // namespace kurs
