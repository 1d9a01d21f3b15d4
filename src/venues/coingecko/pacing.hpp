#pragma once

#include <optional>

#include "kurs/venues/coingecko.hpp"

namespace kurs::coingecko {

/// When the next call may be made: as often as wanted, within the plan's minute limit and monthly credits,
/// and never while the venue asked to be left alone.
class Pacing {
public:
    /// `spending` must outlive the pacing, and may be replaced while it lives.
    Pacing(const Plan& plan, Spending& spending);

    /// `is_needed`: at once if the cache has anything new, then at its pace; else at the standby's.
    TimePoint next(bool is_needed) const;

    /// What is saved up at `now`, as the time it took to earn it.
    Duration saved(TimePoint now) const;

    /// How long it takes to earn a credit; 0: not counted.
    Duration credit_every() const;

    /// A call is made now; it counts whatever becomes of it.
    void spend(TimePoint now);

    /// No call before `until`, and the next one at the usual pace.
    void rest_until(TimePoint until) { spending_.resting_until = until; }

    /// The call cost a credit and brought nothing: it is made again at `at`.
    void ask_again(TimePoint at) { retry_at_ = at; }

    /// The call brought nothing and cost no credit (only a 200 does): it is made again at `retry_at`.
    void retry(TimePoint retry_at);

private:
    Duration saved() const;

    const Plan plan_;
    Duration credit_every_{};  ///< how long it takes the plan to earn one; 0: not counted
    Spending& spending_;
    std::optional<TimePoint> retry_at_;
};

}  // namespace kurs::coingecko
