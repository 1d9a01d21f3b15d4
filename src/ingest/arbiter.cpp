#include "kurs/ingest/arbiter.hpp"

#include <algorithm>

namespace kurs {
namespace {

constexpr Duration memory = std::chrono::minutes(1);

bool are_numbered(const Tick& tick, const Tick& other) {
    return tick.sequence != 0 && other.sequence != 0;
}

bool is_newer(const Tick& tick, const Tick& than) {
    const bool is_later = tick.observed_at > than.observed_at;
    if (!are_numbered(tick, than) || tick.sequence == than.sequence) return is_later;
    return tick.sequence > than.sequence && (is_later || tick.observed_at == than.observed_at);
}

/// One of the two is wrong. The price rules decide which.
bool contradicts(const Tick& tick, const Tick& other) {
    const bool is_same_state =
        are_numbered(tick, other) ? tick.sequence == other.sequence : tick.observed_at == other.observed_at;
    return is_same_state && (tick.bid != other.bid || tick.ask != other.ask);
}

}  // namespace

std::vector<Tick> Arbiter::news(Source source, std::vector<Tick> ticks, TimePoint now) {
    std::erase_if(ticks, [&](const Tick& tick) { return !is_news(source, tick, now); });
    return ticks;
}

bool Arbiter::is_news(Source source, const Tick& tick, TimePoint now) {
    auto& newest = newest_[index(tick.symbol)];
    const bool is_known = newest && now - newest->received_at < memory;
    const bool is_other = is_known && newest->source.number != source.number;
    if (is_other && source.is_bridge && !is_bridged(tick, *newest, now)) return false;
    if (!is_known || is_newer(tick, newest->tick)) {
        newest = Newest{tick, source, now};
        return true;
    }
    return !is_other || contradicts(tick, newest->tick);
}

bool Arbiter::is_bridged(const Tick& tick, const Newest& newest, TimePoint now) const {
    return newest.source.is_bridge ||
           now - newest.tick.observed_at >= map_.symbol(tick.symbol).limits.max_age / 2;
}

}  // namespace kurs
