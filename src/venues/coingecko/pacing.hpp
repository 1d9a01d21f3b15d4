#pragma once

#include <optional>

#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {

/// Decides when the next call may be made, within the plan's minute limit and monthly credits. No calls while
/// the venue rate-limits.
class Pacing {
public:
    /// `spending` must outlive the pacing, and may be replaced meanwhile.
    Pacing(const Plan& plan, Spending& spending);

    /// If `is_needed`, at once if the cache may have new values, then at the cache's pace; otherwise at the
    /// standby pace.
    TimePoint next(bool is_needed) const;

    /// The credits saved at `now`, as the time it took to earn them.
    Duration saved(TimePoint now) const;

    /// The time to earn a credit; 0: not counted.
    Duration credit_every() const;

    /// Records a call. It counts whatever its result.
    void spend(TimePoint now);

    /// Allows no call before `until`. The next one follows the usual pace.
    void rest_until(TimePoint until) { spending_.resting_until = until; }

    /// The call cost a credit and returned no value: it is repeated at `at`.
    void ask_again(TimePoint at) { retry_at_ = at; }

    /// The call returned no value and cost no credit (only a 200 does): it is repeated at `retry_at`.
    void retry(TimePoint retry_at);

private:
    Duration saved() const;

    const Plan plan_;
    Duration credit_every_{};  ///< the time in which the plan earns one; 0: not counted
    Spending& spending_;
    std::optional<TimePoint> retry_at_;
};

}  // namespace kurs::coingecko
