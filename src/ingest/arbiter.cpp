#include "kurs/ingest/arbiter.hpp"

#include <algorithm>

namespace kurs {
namespace {

constexpr Duration memory = std::chrono::minutes(1);

bool is_newer(const Tick& tick, const Tick& than) {
    const bool is_numbered = tick.sequence != 0 && than.sequence != 0;
    if (is_numbered && tick.sequence != than.sequence) return tick.sequence > than.sequence;
    return tick.observed_at > than.observed_at;
}

/// One of the two is wrong. The price rules decide which.
bool contradicts(const Tick& tick, const Tick& other) {
    const bool is_numbered = tick.sequence != 0 && other.sequence != 0;
    const bool is_same_state =
        is_numbered ? tick.sequence == other.sequence : tick.observed_at == other.observed_at;
    return is_same_state && (tick.bid != other.bid || tick.ask != other.ask);
}

}  // namespace

std::vector<Tick> Arbiter::news(std::size_t connection, std::vector<Tick> ticks, TimePoint now) {
    std::erase_if(ticks, [&](const Tick& tick) { return !is_news(connection, tick, now); });
    return ticks;
}

bool Arbiter::is_news(std::size_t connection, const Tick& tick, TimePoint now) {
    auto& newest = newest_[index(tick.symbol)];
    const bool is_known = newest && now - newest->received_at < memory;
    if (!is_known || is_newer(tick, newest->tick)) {
        newest = Newest{tick, connection, now};
        return true;
    }
    return newest->connection == connection || contradicts(tick, newest->tick);
}

}  // namespace kurs
