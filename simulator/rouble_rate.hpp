#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "clock.hpp"

namespace sim {

/// Roubles per dollar: a slow walk, or the value pinned by a test.
class RoubleRate {
public:
    explicit RoubleRate(std::uint64_t seed) : random_(seed + 2) {}

    void advance(Instant now) {
        if (now < next_move_) return;
        next_move_ = now + Millis{1000};
        std::normal_distribution<double> noise(0.0, 0.002);
        walked_ = std::clamp(walked_ + noise(random_) + 0.001 * (76.41 - walked_), 70.0, 83.0);
    }

    double market() const { return pinned_ ? std::stod(*pinned_) : walked_; }
    /// The central bank's rate, with at least four decimals; it does not change within a day.
    std::string official() const { return pinned_.value_or("76.4096"); }

    void pin(std::string rate) { pinned_ = std::move(rate); }
    void release() { pinned_.reset(); }

private:
    std::mt19937_64 random_;
    double walked_ = 76.41;
    Instant next_move_{};
    std::optional<std::string> pinned_;
};

}  // namespace sim
