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
    bool note_failure(const std::string& reason, SteadyTime now);

    /// Whether to log the recovery.
    bool note_success(SteadyTime now);

private:
    void forget_past(SteadyTime now);

    std::map<std::string, SteadyTime> met_at_;  ///< of the active reasons
};

}  // namespace kurs::redis
