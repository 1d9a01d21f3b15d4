#include "kurs/runtime/clock.hpp"

#include <algorithm>
#include <ctime>

namespace kurs {
namespace {

/// std::chrono::steady_clock stops while the machine sleeps.
Duration since_boot() {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::floor<Duration>(std::chrono::seconds(time.tv_sec) +
                                        std::chrono::nanoseconds(time.tv_nsec));
}

Duration system_time() {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now()).time_since_epoch();
}

}  // namespace

Clock::Clock() : wall_ahead_(system_time() - since_boot()) {}

TimePoint Clock::now() const {
    return TimePoint{since_boot() + wall_ahead_};
}

Duration Clock::follow_system() {
    const Duration wall_ahead = system_time() - since_boot();
    const Duration behind = wall_ahead_ - wall_ahead;
    wall_ahead_ = std::max(wall_ahead_, wall_ahead);
    return std::max(behind, Duration{0});
}

}  // namespace kurs
