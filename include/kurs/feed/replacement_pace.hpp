#pragma once

#include <optional>

#include "kurs/domain/time.hpp"

namespace kurs {

struct ReplacementLimits {
    Duration first{10'000};
    Duration ceiling{300'000};
    Duration live_before_reset{60'000};
};

/// When a line that is silent in part may be replaced: the first time at once, then ever less often, because
/// a line that serves the other symbols is worth more than a reconnect loop.
class ReplacementPace {
public:
    explicit ReplacementPace(ReplacementLimits limits) : limits_(limits), step_(limits.first) {}

    bool is_allowed(TimePoint now) const { return now >= allowed_at_; }

    void replaced(TimePoint now);

    /// All symbols deliver at `now`. Said often; long enough without a break, it resets the pace.
    void all_live(TimePoint now);

    /// Not all symbols deliver.
    void interrupted() { live_since_.reset(); }

private:
    ReplacementLimits limits_;
    Duration step_;
    TimePoint allowed_at_{};
    std::optional<TimePoint> live_since_;
};

}  // namespace kurs
