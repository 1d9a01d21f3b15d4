#include "redis/failure_log.hpp"

namespace kurs::redis {
namespace {

/// Longer than the time between two failed connection attempts.
constexpr auto lasts_for = std::chrono::seconds(3);

/// A server could produce new reasons without end.
constexpr std::size_t most_reasons = 8;

}  // namespace

bool FailureLog::note_failure(const std::string& reason, SteadyTime now) {
    forget_past(now);
    const bool is_new = !met_at_.contains(reason);
    if (is_new && met_at_.size() >= most_reasons) return false;
    met_at_[reason] = now;
    return is_new;
}

bool FailureLog::note_success(SteadyTime now) {
    const bool has_failed = !met_at_.empty();
    forget_past(now);
    return has_failed && met_at_.empty();
}

void FailureLog::forget_past(SteadyTime now) {
    std::erase_if(met_at_, [now](const auto& reason) { return now - reason.second >= lasts_for; });
}

}  // namespace kurs::redis
