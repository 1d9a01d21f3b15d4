#pragma once

#include <optional>
#include <set>
#include <span>
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

/// A tick that was not believed.
struct RefusedTick {
    SymbolId symbol{};
    errc reason{};
};

/// The result of ticks that came together.
struct Repricing {
    std::vector<RefusedTick> refused;
    std::vector<Quote> quotes;  ///< the directions that changed or were confirmed
    std::vector<LostDirection> lost;
    std::vector<FiatSourceChange> fiat_changes;
};

/// Ticks in, changed quotes out.
class Pricer {
public:
    /// `map` must outlive the pricer.
    explicit Pricer(const MarketMap& map);

    /// Refuses as TickFilter::accept does. Ticks of one frame or answer are priced together, so that no quote
    /// and no event comes of a state between two of them.
    Repricing apply(std::span<const Tick> ticks, TimePoint now);

    /// As `apply`, for ticks that were known when the service last ran: of symbols that have a value already
    /// they change nothing.
    Repricing restore(std::span<const Tick> ticks, TimePoint now);

    /// The symbol is no longer believed: forgets its value.
    Repricing withdraw(SymbolId symbol, TimePoint now);

private:
    struct FiatChoice {
        std::vector<QuoteLeg> legs;
        TimePoint fresh_until{};
    };

    void take(const Tick& tick, TimePoint now, std::set<std::size_t>& routes, Repricing& repricing);
    void reprice(const std::set<std::size_t>& routes, TimePoint now, Repricing& repricing);
    std::optional<Quote> price(const Route& route, TimePoint now) const;
    std::optional<FiatChoice> choose_source(FiatLegId fiat, TimePoint now) const;
    std::optional<std::size_t> best_source(const FiatLeg& fiat, TimePoint now) const;
    std::vector<FiatSourceChange> follow_fiat_sources(TimePoint now);

    const MarketMap& map_;
    TickFilter filter_;
    std::vector<std::set<std::size_t>> routes_of_symbol_;  ///< which routes a symbol's tick touches
    std::vector<std::optional<std::size_t>> fiat_source_;  ///< as last reported
};

}  // namespace kurs
