#pragma once

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
    /// `out_of_order`  neither newer nor a confirmation of what is held. A smaller sequence is believed again
    ///                 once what is held is stale: a venue that restarts its counter is not lost for ever.
    result<void> accept(const Tick& tick, TimePoint now);

    const std::optional<Tick>& last(SymbolId symbol) const { return last_[index(symbol)]; }

    void forget(SymbolId symbol) { last_[index(symbol)].reset(); }

private:
    const MarketMap& map_;
    std::vector<std::optional<Tick>> last_;
};

}  // namespace kurs
