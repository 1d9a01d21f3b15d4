#pragma once

#include <chrono>

namespace kurs {

/// A moment of UTC. Milliseconds are as fine as any venue dates its values.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

}  // namespace kurs
