#pragma once

#include <vector>

#include "kurs/domain/quote.hpp"
#include "kurs/pricing/tick_filter.hpp"

namespace kurs {

/// Which source a fiat leg is made from changed. `source` is its place in the market map's list; none when no
/// source is fresh.
struct FiatSourceChange {
    FiatLegId fiat{};
    std::optional<std::size_t> source;
};

/// What came of a tick.
struct Repricing {
    std::vector<Quote> quotes;  ///< the directions that changed or were confirmed
    std::vector<FiatSourceChange> fiat_changes;
};

/// Ticks in, changed quotes out.
class Pricer {
public:
    /// `map` must outlive the pricer.
    explicit Pricer(const MarketMap& map);

    /// Fails as TickFilter::accept does; the tick then changes nothing.
    result<Repricing> apply(const Tick& tick, TimePoint now);

    /// The symbol is no longer believed: forgets its value. Returns the routes that cannot be made without it
    /// (a fiat leg may have other sources; then its next tick reprices).
    std::vector<Route> withdraw(SymbolId symbol);

private:
    struct FiatChoice {
        std::vector<QuoteLeg> legs;
        TimePoint fresh_until{};
    };

    std::optional<Quote> price(const Route& route, TimePoint now) const;
    std::optional<FiatChoice> choose_source(FiatLegId fiat, TimePoint now) const;
    std::optional<std::size_t> best_source(const FiatLeg& fiat, TimePoint now) const;
    std::vector<FiatSourceChange> follow_fiat_sources(TimePoint now);

    const MarketMap& map_;
    TickFilter filter_;
    std::vector<std::vector<std::size_t>> routes_of_symbol_;  ///< which routes a symbol's tick touches
    std::vector<std::optional<std::size_t>> fiat_source_;     ///< as last reported
};

}  // namespace kurs
