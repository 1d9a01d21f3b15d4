#pragma once

#include "kurs/feed/attempt_budget.hpp"
#include "kurs/feed/endpoint_choice.hpp"
#include "kurs/feed/line_end.hpp"
#include "kurs/venue/backoff.hpp"

namespace kurs {

struct ReconnectLimits {
    BackoffLimits backoff;
    Duration live_before_reset{
        30'000};  ///< ticks for so long prove a line good; only then the backoff starts anew
    Duration region_rest{300'000};     ///< after 451
    Duration firewall_rest{60'000};    ///< after 401 and 403
    Duration crowd_rest{60'000};       ///< after 418 and 429 without a Retry-After
    Duration longest_rest{3'600'000};  ///< a Retry-After is obeyed up to this
    Duration permanent_rest{300'000};  ///< after a permanent farewell, for all endpoints
    std::size_t most_attempts = 100;   ///< within the window
    Duration attempts_window{300'000};
};

/// Where and when a feed connects next. Pure: time comes in as an argument, chance as a seed.
class ReconnectPolicy {
public:
    ReconnectPolicy(ReconnectLimits limits, std::size_t endpoints, std::uint64_t seed);

    /// The next attempt: an endpoint, and when to start. Does not change anything.
    EndpointChoice::Choice next(TimePoint now) const;

    /// An attempt on this endpoint begins.
    void started(std::size_t endpoint, TimePoint now);

    /// The line that was started last is over.
    void ended(const LineEnd& end, TimePoint now);

private:
    bool is_hurried(const LineEnd& end) const;
    Duration rest_after(const LineEnd& end) const;

    ReconnectLimits limits_;
    EndpointChoice endpoints_;
    AttemptBudget budget_;
    Backoff backoff_;
    TimePoint not_before_{};
    std::size_t current_ = 0;
    bool has_hurried_ = false;
};

}  // namespace kurs
