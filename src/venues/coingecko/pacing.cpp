#include "pacing.hpp"

#include <algorithm>

namespace kurs::coingecko {
namespace {

/// The cache turns over a little after its period; asking then, not before, finds new values.
constexpr Duration cache_slack = std::chrono::seconds(2);
constexpr Duration month = std::chrono::hours(24 * 31);
constexpr double days_in_month = 31;

}  // namespace

TimePoint Pacing::next(bool is_needed) const {
    if (!last_call_) return resting_until_;
    // The cache period is far above what the minute limit asks for; the larger of the two holds.
    const Duration minute_limit = Duration(std::chrono::minutes(1)) / plan_.calls_per_minute;
    const Duration wanted =
        is_needed ? std::max(plan_.cache_period + cache_slack, minute_limit) : plan_.standby_every;
    auto at = retry_at_ ? std::max(*retry_at_, *last_call_ + minute_limit) : *last_call_ + wanted;
    if (plan_.credits_per_month > 0 && credits_ < 1) {
        const auto missing = (1 - credits_) * static_cast<double>(credit_every().count());
        at = std::max(at, *last_call_ + Duration(static_cast<Duration::rep>(missing) + 1));
    }
    return std::max(at, resting_until_);
}

void Pacing::spend(TimePoint now) {
    if (last_call_ && plan_.credits_per_month > 0) {
        const auto earned =
            static_cast<double>((now - *last_call_).count()) / static_cast<double>(credit_every().count());
        credits_ = std::min(credits_ + earned, plan_.credits_per_month / days_in_month);
    }
    credits_ -= 1;
    last_call_ = now;
    retry_at_.reset();
}

void Pacing::retry(TimePoint retry_at) {
    credits_ += 1;
    retry_at_ = retry_at;
}

Duration Pacing::credit_every() const {
    return month / plan_.credits_per_month;
}

}  // namespace kurs::coingecko
