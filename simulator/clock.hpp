#pragma once

#include <chrono>
#include <cstdint>

namespace sim {

using Millis = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Millis>;

inline std::int64_t to_unix_ms(Instant at) {
    return at.time_since_epoch().count();
}
inline std::int64_t to_unix_seconds(Instant at) {
    return to_unix_ms(at) / 1000;
}

/// Wall time that never jumps: the time of day at startup plus the time measured by a steady clock since.
class WallClock {
public:
    Instant now() const {
        const auto elapsed = std::chrono::steady_clock::now() - steady_start_;
        return wall_start_ + std::chrono::duration_cast<Millis>(elapsed);
    }

private:
    Instant wall_start_ = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
    std::chrono::steady_clock::time_point steady_start_ = std::chrono::steady_clock::now();
};

}  // namespace sim
