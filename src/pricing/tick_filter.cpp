#include "kurs/pricing/tick_filter.hpp"

#include <algorithm>

namespace kurs {
namespace {

bool is_within(const SymbolLimits& limits, const Tick& tick) {
    return (!limits.min || tick.bid >= *limits.min) && (!limits.max || tick.ask <= *limits.max);
}

/// Whether `tick` is further from `last` than the allowance after the time between them.
bool is_jump(const SymbolLimits& limits, const Tick& last, const Tick& tick) {
    // Half the sum, without overflow; a unit lost is far below any limit.
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

/// A repeat confirms what is held. Where the venue counts, the count decides.
bool is_newer_or_repeat(const Tick& held, const Tick& tick) {
    if (tick.sequence != held.sequence) return tick.sequence > held.sequence;
    return tick.sequence != 0 || tick.observed_at >= held.observed_at;
}

}  // namespace

TickFilter::TickFilter(const MarketMap& map) : map_(map), last_(map.symbols.size()) {}

result<void> TickFilter::accept(const Tick& tick, TimePoint now) {
    const auto& limits = map_.symbol(tick.symbol).limits;
    auto& held = last_[index(tick.symbol)];
    if (tick.bid > tick.ask) return errc::crossed;
    if (!is_within(limits, tick)) {
        // The venue has moved on to a value that is not believed, so the one before it is no longer true.
        if (held && is_newer_or_repeat(*held, tick)) held.reset();
        return errc::out_of_bounds;
    }
    if (!held) {
        held = tick;
        return {};
    }
    const bool replaces_stale =
        now - held->observed_at >= limits.max_age && tick.observed_at > held->observed_at;
    if (!is_newer_or_repeat(*held, tick) && !replaces_stale) return errc::out_of_order;
    if (is_jump(limits, *held, tick)) return errc::jump;
    // What the venue counted later was not true earlier, whatever two connections' delays say.
    const auto observed_at = std::max(held->observed_at, tick.observed_at);
    held = tick;
    held->observed_at = observed_at;
    return {};
}

}  // namespace kurs
