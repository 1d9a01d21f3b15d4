#pragma once

#include <chrono>
#include <random>

#include "kurs/domain/time.hpp"

namespace kurs::redis {

/// The waits between attempts after a failure. Each wait is random between half of the current step and the
/// whole step, so that many replicas do not reconnect at once. The step doubles up to the limit.
class RetryPace {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    RetryPace(Duration first, Duration longest, std::size_t seed);

    bool may_try(SteadyTime now) const { return now >= next_at_; }
    void note_failure(SteadyTime now);
    void note_success() { step_ = first_; }

private:
    Duration first_;
    Duration longest_;
    Duration step_;
    SteadyTime next_at_{};
    std::minstd_rand chance_;
};

}  // namespace kurs::redis
