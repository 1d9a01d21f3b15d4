#include "keepalive.hpp"

#include <algorithm>

namespace sim {
namespace {

constexpr std::size_t remembered_pings = 100;

}  // namespace

PongWatch::PongWatch(Millis ping_every, Millis pong_limit, Instant now)
    : ping_every_(ping_every), pong_limit_(pong_limit), next_ping_(now + ping_every), alive_at_(now) {}

std::optional<std::string> PongWatch::ping_due(Instant now) {
    if (now < next_ping_) return std::nullopt;
    next_ping_ = std::max(next_ping_ + ping_every_, now);
    if (unanswered_.size() == remembered_pings) unanswered_.pop_front();
    return unanswered_.emplace_back(std::to_string(to_unix_ms(now)));
}

bool PongWatch::pong(std::string_view payload, Instant now) {
    const auto answered = std::ranges::find(unanswered_, payload);
    if (answered == unanswered_.end()) return false;
    unanswered_.erase(unanswered_.begin(), answered + 1);
    alive_at_ = now;
    return true;
}

bool RollingLimit::arrive(Instant now) {
    constexpr Millis window{1000};
    while (!arrivals_.empty() && now - arrivals_.front() >= window) arrivals_.pop_front();
    if (arrivals_.size() >= most_) return false;
    arrivals_.push_back(now);
    return true;
}

}  // namespace sim
