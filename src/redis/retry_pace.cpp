#include "redis/retry_pace.hpp"

#include <algorithm>

namespace kurs::redis {

RetryPace::RetryPace(Duration first, Duration longest, std::size_t seed)
    : first_(first),
      longest_(longest),
      step_(first),
      chance_(static_cast<std::minstd_rand::result_type>(seed)) {}

void RetryPace::note_failure(SteadyTime now) {
    std::uniform_int_distribution<Duration::rep> wait(step_.count() / 2, step_.count());
    next_at_ = now + Duration{wait(chance_)};
    step_ = std::min(step_ * 2, longest_);
}

}  // namespace kurs::redis
