#include "venues/coingecko/pacing.hpp"

#include <algorithm>

namespace kurs::coingecko {
namespace {

/// The cache is renewed a little after its period. A call after that returns new values.
constexpr Duration cache_slack = std::chrono::seconds(2);
constexpr Duration month = std::chrono::hours(24 * 31);
constexpr Duration longest_saved = std::chrono::hours(24);

/// An hour of calls at the cache's pace: the spending before a restart is unknown.
constexpr int starting_credits = 60;

}  // namespace

Pacing::Pacing(const Plan& plan, Spending& spending) : plan_(plan), spending_(spending) {
    if (plan.credits_per_month > 0) credit_every_ = month / plan.credits_per_month;
}

TimePoint Pacing::next(bool is_needed) const {
    const auto& last_call = spending_.last_call;
    if (!last_call) return spending_.resting_until;
    // The cache period is far longer than the minute limit requires; the longer one applies.
    const Duration minute_limit = Duration(std::chrono::minutes(1)) / plan_.calls_per_minute;
    const Duration wanted =
        is_needed ? std::max(plan_.cache_period + cache_slack, minute_limit) : plan_.standby_every;
    auto at = retry_at_ ? std::max(*retry_at_, *last_call + minute_limit) : *last_call + wanted;
    if (saved() < credit_every()) at = std::max(at, *last_call + credit_every() - saved());
    return std::max(at, spending_.resting_until);
}

void Pacing::spend(TimePoint now) {
    spending_.saved = saved(now) - credit_every();
    spending_.last_call = now;
    retry_at_.reset();
}

void Pacing::retry(TimePoint retry_at) {
    spending_.saved = saved() + credit_every();
    retry_at_ = retry_at;
}

Duration Pacing::saved(TimePoint now) const {
    const auto before = saved();
    if (!spending_.last_call) return before;
    return std::max(before, std::min(before + (now - *spending_.last_call), longest_saved));
}

Duration Pacing::credit_every() const {
    return credit_every_ * spending_.spenders;
}

Duration Pacing::saved() const {
    return spending_.saved.value_or(credit_every_ * starting_credits / spending_.spenders);
}

}  // namespace kurs::coingecko
