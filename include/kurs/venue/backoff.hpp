#pragma once

#include <random>

#include "kurs/domain/time.hpp"

namespace kurs {

struct BackoffLimits {
    Duration first{500};
    Duration ceiling{10'000};
};

/// Growing waits between attempts. Each wait is drawn from half the step to the full step, so that replicas
/// do not reconnect together.
class Backoff {
public:
    Backoff(BackoffLimits limits, std::uint64_t seed);

    /// Returns the wait before the next attempt. The step doubles up to the ceiling.
    Duration next();

    void reset() { step_ = limits_.first; }

private:
    BackoffLimits limits_;
    Duration step_;
    std::minstd_rand chance_;
};

}  // namespace kurs
