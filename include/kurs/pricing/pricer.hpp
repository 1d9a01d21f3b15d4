#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "kurs/domain/quote.hpp"
#include "kurs/pricing/tick_filter.hpp"

namespace kurs {

/// A reference rate switched to another source. `source` is its position in the market map's list; none if no
/// source is fresh.
struct ReferenceSourceChange {
    ReferenceRateId rate{};
    std::optional<std::size_t> source;
};

/// A direction that a venue can no longer quote.
using LostDirection = Series;

/// A refused tick.
struct RefusedTick {
    SymbolId symbol{};
    errc reason{};
};

/// The result of one group of ticks.
struct Repricing {
    std::vector<RefusedTick> refused;
    std::vector<Quote> quotes;  ///< directions that changed or were confirmed
    std::vector<LostDirection> lost;
    std::vector<ReferenceSourceChange> reference_changes;
};

/// Ticks in, changed quotes out.
class Pricer {
public:
    /// `map` must outlive the pricer.
    explicit Pricer(const MarketMap& map);

    /// Refuses ticks as TickFilter::accept does. Ticks of one frame or response are priced together, so that
    /// no quote or event reflects a state between them.
    Repricing apply(std::span<const Tick> ticks, TimePoint now);

    /// Like `apply`, for ticks recorded by an earlier run. Ignores ticks of symbols that already have a
    /// value.
    Repricing restore(std::span<const Tick> ticks, TimePoint now);

    /// Forgets the symbol's value.
    Repricing withdraw(SymbolId symbol, TimePoint now);

private:
    struct SourceChoice {
        std::vector<QuoteLeg> legs;
        TimePoint fresh_until{};
    };

    void take(const Tick& tick, TimePoint now, std::set<std::size_t>& routes, Repricing& repricing);
    void reprice(const std::set<std::size_t>& routes, TimePoint now, Repricing& repricing);
    std::optional<Quote> price(const Route& route, TimePoint now) const;
    std::optional<SourceChoice> choose_source(ReferenceRateId id, TimePoint now) const;
    std::optional<std::size_t> best_source(const ReferenceRate& rate, TimePoint now) const;
    std::vector<ReferenceSourceChange> follow_reference_sources(TimePoint now);

    const MarketMap& map_;
    TickFilter filter_;
    std::vector<std::set<std::size_t>> routes_of_symbol_;       ///< routes that use the symbol
    std::vector<std::optional<std::size_t>> reference_source_;  ///< as last reported
};

}  // namespace kurs
