#pragma once

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "kurs/domain/pricing_report.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/pricing/tick_filter.hpp"

namespace kurs {

/// A reference rate switched to another source. `source` is its position in the market map's list; none if no
/// source is fresh.
struct ReferenceSourceChange {
    ReferenceRateId rate{};
    std::optional<std::size_t> source;
    bool is_doubted = false;  ///< a preferred source is fresh but differs from the others
};

/// A direction that a venue can no longer quote.
using LostDirection = Series;

/// A refused tick.
struct RefusedTick {
    SymbolId symbol{};
    errc reason{};
    Rate bid;
    Rate ask;
};

/// The result of one group of ticks.
struct Repricing {
    std::vector<RefusedTick> refused;
    std::vector<Quote> quotes;  ///< directions that changed or were confirmed
    std::vector<LostDirection> lost;
    std::vector<ReferenceSourceChange> reference_changes;
};

/// Ticks in, changed quotes out.
///
/// A reference rate has the value of its first fresh source that is not in doubt. A source is in doubt from
/// the moment when it differs by more than 0.1 % from the median of at least three independent sources until
/// it differs by less than 0.05 %. A source is independent of those before it if it has no venue in common
/// with them. The legs of a source are at most 20 s apart.
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

    /// The symbol's value is doubted, so it does not limit the next one. Sources of reference rates keep
    /// their limit: the rates of several venues rest on them.
    void doubt(SymbolId symbol) {
        if (references_of_symbol_[index(symbol)].empty()) filter_.doubt(symbol);
    }

    /// Whether two independent sources of a reference rate differ and the venue has a third.
    bool needs_witness(VenueId venue) const;

    /// The sources of all reference rates.
    std::vector<ReferenceReport> report(TimePoint now) const;

private:
    /// The legs of one source of a reference rate.
    struct Reference {
        std::size_t source = 0;
        std::vector<QuoteLeg> legs;
        TimePoint fresh_until{};

        bool operator==(const Reference&) const = default;
    };

    struct ReferenceState {
        std::vector<std::optional<Reference>> fresh;  ///< of each source; none if it is stale or incomplete
        std::set<std::size_t> doubted;                ///< sources in doubt
        bool is_divided = false;                      ///< there are two independent sources, and they differ
        std::optional<Reference> chosen;
        TimePoint valid_until = TimePoint::min();  ///< until then, only ticks of its sources change it
    };

    void take(const Tick& tick, TimePoint now, std::set<std::size_t>& routes, Repricing& repricing);
    void reprice(std::set<std::size_t> routes, TimePoint now, Repricing& repricing);
    std::optional<Quote> price(const Route& route) const;
    SourceReport report(const ReferenceState& state, const ReferenceSource& source, std::size_t number,
                        TimePoint now) const;
    bool append(const Leg& leg, Reference& product) const;
    bool append(const ReferenceStep& step, Reference& product) const;
    void update_reference(ReferenceRateId id, TimePoint now);
    std::vector<std::optional<Reference>> fresh_sources(ReferenceRateId id, TimePoint now) const;
    void update_doubts(ReferenceState& state) const;
    static std::optional<Reference> choose_source(const ReferenceState& state, TimePoint now);

    const MarketMap& map_;
    TickFilter filter_;
    std::vector<std::set<std::size_t>> routes_of_symbol_;      ///< routes with a leg of the symbol
    std::vector<std::set<std::size_t>> routes_of_reference_;   ///< routes with a step of the reference rate
    std::vector<std::set<std::size_t>> references_of_symbol_;  ///< reference rates that rest on the symbol
    std::vector<ReferenceState> references_;
    std::vector<std::optional<TimePoint>> fresh_until_;  ///< of each route's last quote
};

}  // namespace kurs
