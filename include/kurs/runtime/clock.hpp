#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// The time that ages are counted with. It runs on the system's boot-time clock, which never goes back and
/// counts on while the machine sleeps, so neither a correction of the wall clock nor a nap makes a value look
/// younger than it is.
class Clock {
public:
    Clock();

    TimePoint now() const;

    /// Follows the system's clock where it has moved forward. Returns by how much it stands behind this one:
    /// more than a few milliseconds mean that it was set back, which a clock of a new beginning follows.
    Duration follow_system();

private:
    Duration wall_ahead_;  ///< of the boot-time clock
};

}  // namespace kurs
