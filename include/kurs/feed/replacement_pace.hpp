#pragma once

#include <optional>

#include "kurs/domain/time.hpp"

namespace kurs {

struct ReplacementLimits {
    Duration first{10'000};
    Duration ceiling{300'000};
    Duration live_before_reset{60'000};
};

/// Limits how often a partly silent connection is replaced: the first time at once, then at growing
/// intervals. A connection that serves the other symbols is worth more than a reconnect loop.
class ReplacementPace {
public:
    explicit ReplacementPace(ReplacementLimits limits) : limits_(limits), step_(limits.first) {}

    bool is_allowed(TimePoint now) const { return now >= allowed_at_; }

    void replaced(TimePoint now);

    /// Called often while all symbols deliver data. Resets the pace after `live_before_reset` without
    /// interruption.
    void all_live(TimePoint now);

    /// Called when some symbol delivers no data.
    void interrupted() { live_since_.reset(); }

private:
    ReplacementLimits limits_;
    Duration step_;
    TimePoint allowed_at_{};
    std::optional<TimePoint> live_since_;
};

}  // namespace kurs
