#pragma once

#include "kurs/feed/attempt_budget.hpp"
#include "kurs/feed/connection_end.hpp"
#include "kurs/feed/endpoint_choice.hpp"
#include "kurs/venue/backoff.hpp"

namespace kurs {

struct ReconnectLimits {
    BackoffLimits backoff;
    Duration live_before_reset{
        30'000};  ///< the backoff is reset after a connection has delivered ticks for this time
    Duration region_rest{300'000};     ///< after 451
    Duration firewall_rest{60'000};    ///< after 401 and 403
    Duration crowd_rest{60'000};       ///< after 418 and 429 without a Retry-After
    Duration longest_rest{3'600'000};  ///< limit of a Retry-After
    Duration permanent_rest{300'000};  ///< after a permanent farewell; for all endpoints
    std::size_t most_attempts = 100;   ///< within the window
    Duration attempts_window{300'000};
};

/// Decides where and when a feed connects next. Pure: time is an argument, randomness a seed.
class ReconnectPolicy {
public:
    ReconnectPolicy(ReconnectLimits limits, std::size_t endpoints, std::uint64_t seed);

    /// The endpoint and time of the next attempt.
    EndpointChoice::Choice next(TimePoint now) const;

    /// Records the start of an attempt on this endpoint.
    void started(std::size_t endpoint, TimePoint now);

    /// Records the end of the attempt or connection that was started last.
    void ended(const ConnectionEnd& end, TimePoint now);

private:
    bool is_hurried(const ConnectionEnd& end) const;
    Duration rest_after(const ConnectionEnd& end) const;

    ReconnectLimits limits_;
    EndpointChoice endpoints_;
    AttemptBudget budget_;
    Backoff backoff_;
    TimePoint not_before_{};
    std::size_t current_ = 0;
    bool has_hurried_ = false;
};

}  // namespace kurs
