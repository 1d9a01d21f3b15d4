#include "kurs/pricing/tick_filter.hpp"

#include <algorithm>
#include <utility>

namespace kurs {
namespace {

/// How long smaller numbers must grow to count as a new numbering, and the longest pause between two of them.
constexpr Duration restart_time = std::chrono::minutes(10);
constexpr Duration longest_rest = std::chrono::minutes(1);

bool is_within(const SymbolLimits& limits, const Tick& tick) {
    return (!limits.min || tick.bid >= *limits.min) && (!limits.max || tick.ask <= *limits.max);
}

/// Whether `tick` is further from `last` than the time between them allows.
bool is_jump(const SymbolLimits& limits, const Tick& last, const Tick& tick) {
    // Half the sum, without overflow. The lost unit is far below any limit.
    const u128 before = last.bid.units() / 2 + last.ask.units() / 2;
    const u128 after = tick.bid.units() / 2 + tick.ask.units() / 2;
    const u128 low = std::max<u128>(std::min(before, after), 1);
    const u128 high = std::max(before, after);
    const auto minutes =
        std::chrono::floor<std::chrono::minutes>(tick.observed_at - last.observed_at).count();
    const auto allowed_percent = static_cast<u128>(limits.max_jump_percent) *
                                 static_cast<u128>(1 + std::clamp<long long>(minutes, 0, 1'000'000));
    return (high - low) / allowed_percent > low / 100;
}

}  // namespace

TickFilter::TickFilter(const MarketMap& map) : map_(map), known_(map.symbols.size()) {}

result<void> TickFilter::accept(const Tick& tick, TimePoint now) {
    const auto& limits = map_.symbol(tick.symbol).limits;
    auto& known = known_[index(tick.symbol)];
    auto& held = known.held;
    const bool is_repeat = held && tick.sequence != 0 && tick.sequence == held->sequence;
    const bool is_same_price = held && tick.bid == held->bid && tick.ask == held->ask;
    // Of two connections that contradict each other, the one with the later date is believed.
    if (is_repeat && !is_same_price && tick.observed_at < held->observed_at) return errc::out_of_order;
    if (!is_newer_or_repeat(known, tick, now)) return errc::out_of_order;
    if (tick.sequence != 0) known.newest = tick.sequence;
    known.restart.reset();
    if (tick.bid > tick.ask) return errc::crossed;
    if (!is_within(limits, tick)) {
        // The venue has moved to a value that is refused, so the held value is no longer true.
        held.reset();
        return errc::out_of_bounds;
    }
    const bool is_doubted = std::exchange(known.is_doubted, false);
    if (held && !is_doubted && is_jump(limits, *held, tick)) return errc::jump;
    const auto observed_at = is_repeat ? std::max(held->observed_at, tick.observed_at) : tick.observed_at;
    held = tick;
    held->observed_at = observed_at;
    return {};
}

/// A repeat confirms the held tick. If the venue has a sequence, the sequence decides.
bool TickFilter::is_newer_or_repeat(Known& known, const Tick& tick, TimePoint now) {
    const auto& held = known.held;
    if (tick.sequence != 0 && tick.sequence < known.newest) return is_renumbered(known, tick.sequence, now);
    const bool is_counted = tick.sequence != 0 && (!held || held->sequence != 0);
    return is_counted || !held || tick.observed_at >= held->observed_at;
}

bool TickFilter::is_renumbered(Known& known, std::uint64_t sequence, TimePoint now) {
    auto& restart = known.restart;
    const bool goes_on = restart && sequence >= restart->sequence && now - restart->grown_at < longest_rest;
    if (!goes_on) restart = Restart{now, now, sequence};
    if (sequence > restart->sequence) restart->grown_at = now;
    restart->sequence = sequence;
    return now - restart->since >= restart_time;
}

}  // namespace kurs
