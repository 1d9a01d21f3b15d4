#pragma once

#include <optional>

#include "kurs/venues/coingecko.hpp"

namespace kurs::coingecko {

/// When the next call may be made: as often as wanted, within the plan's minute limit and monthly credits,
/// and never while the venue asked to be left alone.
class Pacing {
public:
    explicit Pacing(const Plan& plan);

    /// `is_needed`: at once if the cache has anything new, then at its pace; else at the standby's.
    TimePoint next(bool is_needed) const;

    /// A call is made now; it counts whatever becomes of it.
    void spend(TimePoint now);

    /// No call before `until`, and the next one at the usual pace.
    void rest_until(TimePoint until) { resting_until_ = until; }

    /// The call brought nothing and cost no credit (only a 200 does): it is made again at `retry_at`.
    void retry(TimePoint retry_at);

private:
    const Plan plan_;
    Duration credit_every_{};  ///< how long it takes to earn one; 0: not counted
    Duration saved_{};         ///< credits saved up, as the time it took to earn them
    std::optional<TimePoint> last_call_;
    std::optional<TimePoint> retry_at_;
    TimePoint resting_until_{};
};

}  // namespace kurs::coingecko
