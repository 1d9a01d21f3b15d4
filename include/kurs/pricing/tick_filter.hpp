#pragma once

#include <optional>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// Decides which ticks are believed, symbol by symbol, and holds the last that was.
class TickFilter {
public:
    /// `map` must outlive the filter.
    explicit TickFilter(const MarketMap& map);

    /// Takes the tick as the symbol's newest, or refuses it:
    /// `crossed`       bid above ask
    /// `out_of_bounds` outside the symbol's absolute limits; what was held is then forgotten, being untrue
    /// `jump`          further from the last accepted value than its limit allows; the allowance grows with
    /// the
    ///                 minutes since then, so that a real move is believed after a while
    /// `out_of_order`  neither newer nor a confirmation of what is held
    ///
    /// A venue's sequence only grows: a tick with a smaller one than was ever heard, refused ticks included,
    /// is an old value, however long the held one has been stale. A venue that restarts its numbering is
    /// recognised by smaller numbers that have grown for ten minutes, at least once a minute, while no larger
    /// one came: a replay of old values stands still, ends, or reaches the newest number before that.
    result<void> accept(const Tick& tick, TimePoint now);

    const std::optional<Tick>& last(SymbolId symbol) const { return known_[index(symbol)].held; }

    void forget(SymbolId symbol) { known_[index(symbol)].held.reset(); }

private:
    /// Growing sequences that are smaller than the newest.
    struct Restart {
        TimePoint since{};
        TimePoint grown_at{};
        std::uint64_t sequence = 0;
    };

    struct Known {
        std::optional<Tick> held;
        std::uint64_t newest = 0;  ///< the largest sequence heard, of refused ticks too
        std::optional<Restart> restart;
    };

    static bool is_newer_or_repeat(Known& known, const Tick& tick, TimePoint now);
    static bool is_renumbered(Known& known, std::uint64_t sequence, TimePoint now);

    const MarketMap& map_;
    std::vector<Known> known_;
};

}  // namespace kurs
