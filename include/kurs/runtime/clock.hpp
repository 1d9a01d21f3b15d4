#pragma once

#include <chrono>

#include "kurs/domain/time.hpp"

namespace kurs {

/// The time that ages are counted with. It runs on the monotonic clock, so a correction of the system's clock
/// never makes a value look younger than it is.
class Clock {
public:
    Clock();

    TimePoint now() const;

    /// Follows the system's clock where it has moved forward. Returns by how much it stands behind this one:
    /// more than a few milliseconds mean that it was set back, which is not followed.
    Duration follow_system();

private:
    std::chrono::steady_clock::time_point steady_origin_;
    TimePoint wall_origin_;
};

}  // namespace kurs
