#pragma once

#include <chrono>
#include <random>

#include "kurs/domain/time.hpp"

namespace kurs::redis {

/// How soon after a failure another attempt may be made. Each wait is drawn between half of its step and the
/// whole, so that many copies do not come back together; the step doubles up to the longest.
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
