#pragma once

#include <chrono>
#include <map>
#include <string>

namespace kurs::redis {

/// Decides which failures are logged: each reason once while it lasts, and the recovery once. A reason lasts
/// until it has not occurred for some seconds, so a server that answers only some calls has not recovered.
class FailureLog {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    /// Whether to log the reason.
    bool note_failure(const std::string& reason, SteadyTime now) {
        forget_past(now);
        const bool is_new = !met_at_.contains(reason);
        if (is_new && met_at_.size() >= most_reasons) return false;
        met_at_[reason] = now;
        return is_new;
    }

    /// Whether to log the recovery.
    bool note_success(SteadyTime now) {
        const bool has_failed = !met_at_.empty();
        forget_past(now);
        return has_failed && met_at_.empty();
    }

private:
    /// Longer than the time between two failed connection attempts.
    static constexpr auto lasts_for = std::chrono::seconds(3);

    /// A server could produce new reasons without end.
    static constexpr std::size_t most_reasons = 8;

    void forget_past(SteadyTime now) {
        std::erase_if(met_at_, [now](const auto& reason) { return now - reason.second >= lasts_for; });
    }

    std::map<std::string, SteadyTime> met_at_;  ///< of the active reasons
};

}  // namespace kurs::redis
