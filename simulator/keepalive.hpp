#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "clock.hpp"

namespace sim {

/// Schedules pings and detects missing pongs.
class PongWatch {
public:
    PongWatch(Millis ping_every, Millis pong_limit, Instant now);

    /// The payload of the ping to send now, if one is due.
    std::optional<std::string> ping_due(Instant now);
    /// Whether the pong matches one of our pings; only such a pong keeps the connection alive.
    bool pong(std::string_view payload, Instant now);
    bool is_overdue(Instant now) const { return now - alive_at_ >= pong_limit_; }

private:
    Millis ping_every_;
    Millis pong_limit_;
    Instant next_ping_;
    Instant alive_at_;
    std::deque<std::string> unanswered_;
};

/// Limits the arrivals in every window of one second, not only on average.
class RollingLimit {
public:
    explicit RollingLimit(std::size_t most) : most_(most) {}
    /// Counts an arrival. Returns false if the limit is exceeded.
    bool arrive(Instant now);

private:
    std::size_t most_;
    std::deque<Instant> arrivals_;
};

}  // namespace sim
