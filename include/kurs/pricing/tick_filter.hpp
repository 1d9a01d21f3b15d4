#pragma once

#include <optional>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// Decides which ticks to accept and holds the last accepted tick of each symbol.
class TickFilter {
public:
    /// `map` must outlive the filter.
    explicit TickFilter(const MarketMap& map);

    /// Accepts the tick as the symbol's newest, or refuses it:
    /// `crossed`       bid above ask
    /// `out_of_bounds` outside the symbol's absolute limits; the held tick is no longer true and is forgotten
    /// `jump`          further from the last accepted value than allowed; the allowance grows with
    ///                 the minutes since then, so that a real move is accepted later
    /// `out_of_order`  neither newer than the held tick nor a confirmation of it, or another price under its
    ///                 sequence with an earlier date
    ///
    /// A venue's sequence only grows. A tick with a smaller sequence than the largest ever received, refused
    /// ticks included, is an old value, however long the held one has been stale. A restarted numbering is
    /// recognised by smaller numbers that grow for ten minutes, at least once a minute, without a larger
    /// number. A replay of old values stops, ends or reaches the newest number before that.
    result<void> accept(const Tick& tick, TimePoint now);

    const std::optional<Tick>& last(SymbolId symbol) const { return known_[index(symbol)].held; }

    void forget(SymbolId symbol) { known_[index(symbol)].held.reset(); }

    /// The held tick is doubted: the next one may be as far from it as it likes.
    void doubt(SymbolId symbol) { known_[index(symbol)].is_doubted = true; }

private:
    /// A growing series of sequences below the newest.
    struct Restart {
        TimePoint since{};
        TimePoint grown_at{};
        std::uint64_t sequence = 0;
    };

    struct Known {
        std::optional<Tick> held;
        std::uint64_t newest = 0;  ///< the largest sequence received, refused ticks included
        std::optional<Restart> restart;
        bool is_doubted = false;
    };

    static bool is_newer_or_repeat(Known& known, const Tick& tick, TimePoint now);
    static bool is_renumbered(Known& known, std::uint64_t sequence, TimePoint now);

    const MarketMap& map_;
    std::vector<Known> known_;
};

}  // namespace kurs
