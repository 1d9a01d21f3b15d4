#pragma once

#include <chrono>

namespace kurs {

/// A time in UTC. No venue dates its values more precisely than milliseconds.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

}  // namespace kurs
