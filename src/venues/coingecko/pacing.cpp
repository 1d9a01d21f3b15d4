#include "pacing.hpp"

#include <algorithm>

namespace kurs::coingecko {
namespace {

/// The cache turns over a little after its period; asking then, not before, finds new values.
constexpr Duration cache_slack = std::chrono::seconds(2);
constexpr Duration month = std::chrono::hours(24 * 31);
constexpr Duration longest_saved = std::chrono::hours(24);

/// An hour of calls at the cache's pace: what was spent before a start is not known.
constexpr int starting_credits = 60;

}  // namespace

Pacing::Pacing(const Plan& plan) : plan_(plan) {
    if (plan.credits_per_month > 0) credit_every_ = month / plan.credits_per_month;
    saved_ = credit_every_ * starting_credits;
}

TimePoint Pacing::next(bool is_needed) const {
    if (!last_call_) return resting_until_;
    // The cache period is far above what the minute limit asks for; the larger of the two holds.
    const Duration minute_limit = Duration(std::chrono::minutes(1)) / plan_.calls_per_minute;
    const Duration wanted =
        is_needed ? std::max(plan_.cache_period + cache_slack, minute_limit) : plan_.standby_every;
    auto at = retry_at_ ? std::max(*retry_at_, *last_call_ + minute_limit) : *last_call_ + wanted;
    if (saved_ < credit_every_) at = std::max(at, *last_call_ + credit_every_ - saved_);
    return std::max(at, resting_until_);
}

void Pacing::spend(TimePoint now) {
    if (last_call_) saved_ = std::max(saved_, std::min(saved_ + (now - *last_call_), longest_saved));
    saved_ -= credit_every_;
    last_call_ = now;
    retry_at_.reset();
}

void Pacing::retry(TimePoint retry_at) {
    saved_ += credit_every_;
    retry_at_ = retry_at;
}

}  // namespace kurs::coingecko
