#include "kurs/venue/backoff.hpp"

#include <algorithm>

namespace kurs {

Backoff::Backoff(BackoffLimits limits, std::uint64_t seed)
    : limits_(limits), step_(limits.first), chance_(static_cast<std::minstd_rand::result_type>(seed)) {}

Duration Backoff::next() {
    std::uniform_int_distribution<Duration::rep> draw(step_.count() / 2, step_.count());
    step_ = std::min(step_ * 2, limits_.ceiling);
    return Duration{draw(chance_)};
}

}  // namespace kurs
