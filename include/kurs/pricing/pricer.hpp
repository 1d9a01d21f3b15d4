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

/// A direction that a venue can no longer make.
struct LostDirection {
    VenueId venue{};
    DirectionId direction{};
};

/// What came of a tick.
struct Repricing {
    std::optional<errc> refused;  ///< why the tick was not believed
    std::vector<Quote> quotes;    ///< the directions that changed or were confirmed
    std::vector<LostDirection> lost;
    std::vector<FiatSourceChange> fiat_changes;
};

/// Ticks in, changed quotes out.
class Pricer {
public:
    /// `map` must outlive the pricer.
    explicit Pricer(const MarketMap& map);

    /// Refuses as TickFilter::accept does.
    Repricing apply(const Tick& tick, TimePoint now);

    /// As `apply`, for a tick that was known when the service last ran: nothing happens if one is held
    /// already.
    Repricing restore(const Tick& tick, TimePoint now);

    /// The symbol is no longer believed: forgets its value.
    Repricing withdraw(SymbolId symbol, TimePoint now);

private:
    struct FiatChoice {
        std::vector<QuoteLeg> legs;
        TimePoint fresh_until{};
    };

    void reprice(SymbolId symbol, TimePoint now, Repricing& repricing);
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
