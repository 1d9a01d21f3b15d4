#include "kurs/feed/reconnect_policy.hpp"

#include <algorithm>

namespace kurs {

ReconnectPolicy::ReconnectPolicy(ReconnectLimits limits, std::size_t endpoints, std::uint64_t seed)
    : limits_(limits),
      endpoints_(endpoints),
      budget_(limits.most_attempts, limits.attempts_window),
      backoff_(limits.backoff, seed) {}

EndpointChoice::Choice ReconnectPolicy::next(TimePoint now) const {
    return endpoints_.pick(budget_.allowed_at(std::max(now, not_before_)));
}

void ReconnectPolicy::started(std::size_t endpoint, TimePoint now) {
    budget_.spend(now);
    endpoints_.pass(endpoint);
    current_ = endpoint;
}

void ReconnectPolicy::ended(const ConnectionEnd& end, TimePoint now) {
    if (end.delivered_for >= limits_.live_before_reset) backoff_.reset();

    if (end.cause == ConnectionEndCause::farewell && end.is_permanent) {
        not_before_ = now + limits_.permanent_rest;
        return;
    }
    const bool hurries = is_hurried(end);
    has_hurried_ = hurries && !end.was_live;
    not_before_ = hurries ? now : now + backoff_.next();
    endpoints_.rest(current_, now + rest_after(end));
}

// Reconnects at once, but only once in a row for connections that never became live: otherwise two endpoints
// that reject every client would be hammered.
bool ReconnectPolicy::is_hurried(const ConnectionEnd& end) const {
    switch (end.cause) {
        case ConnectionEndCause::partly_silent: return true;  // limited by ReplacementPace
        case ConnectionEndCause::farewell:
        case ConnectionEndCause::rotation_due: return end.was_live || !has_hurried_;
        default: return false;
    }
}

Duration ReconnectPolicy::rest_after(const ConnectionEnd& end) const {
    if (end.cause != ConnectionEndCause::upgrade_refused) return Duration{0};
    switch (end.status) {
        case 451: return limits_.region_rest;
        case 401:
        case 403: return limits_.firewall_rest;
        case 418:
        case 429: return std::min(end.retry_after.value_or(limits_.crowd_rest), limits_.longest_rest);
        default: return Duration{0};
    }
}

}  // namespace kurs
