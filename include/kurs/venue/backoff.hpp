#pragma once

#include <random>

#include "kurs/domain/time.hpp"

namespace kurs {

struct BackoffLimits {
    Duration first{500};
    Duration ceiling{10'000};
};

/// Growing waits between attempts. Each is drawn between half of its step and the whole, so that many copies
/// do not come back together.
class Backoff {
public:
    Backoff(BackoffLimits limits, std::uint64_t seed);

    /// The wait before the next attempt; the step doubles up to the ceiling.
    Duration next();

    void reset() { step_ = limits_.first; }

private:
    BackoffLimits limits_;
    Duration step_;
    std::minstd_rand chance_;
};

}  // namespace kurs
