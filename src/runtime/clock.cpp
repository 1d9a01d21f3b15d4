#include "kurs/runtime/clock.hpp"

#include <algorithm>

namespace kurs {
namespace {

TimePoint system_now() {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

Clock::Clock() : steady_origin_(std::chrono::steady_clock::now()), wall_origin_(system_now()) {}

TimePoint Clock::now() const {
    return wall_origin_ + std::chrono::floor<Duration>(std::chrono::steady_clock::now() - steady_origin_);
}

Duration Clock::follow_system() {
    const auto behind = now() - system_now();
    if (behind < Duration{0}) wall_origin_ -= behind;
    return std::max(behind, Duration{0});
}

}  // namespace kurs
