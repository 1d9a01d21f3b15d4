#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// The time that ages are measured with. It follows the system's boot-time clock, which never goes back and
/// counts while the machine sleeps. Neither a correction of the wall clock nor a suspend makes a value look
/// younger than it is.
class Clock {
public:
    Clock();

    TimePoint now() const;

    /// Moves forward to the system's clock if that is ahead. Returns how far the system's clock is behind
    /// this one: more than a few milliseconds mean that it was set back. A restarted process follows it.
    Duration follow_system();

private:
    Duration wall_ahead_;  ///< relative to the boot-time clock
};

}  // namespace kurs
