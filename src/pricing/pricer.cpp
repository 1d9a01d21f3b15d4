#include "kurs/pricing/pricer.hpp"

#include <algorithm>
#include <utility>

#include "kurs/pricing/cross_rate.hpp"

namespace kurs {
namespace {

/// A source of a reference rate is replaced this long before it becomes stale, so that quotes based on it do
/// not become stale.
constexpr Duration reference_margin = std::chrono::seconds(2);

/// The maximum difference between the times of a source's legs. A price from before a stablecoin's fall
/// multiplied by one from after it is a rate that never existed.
constexpr Duration reference_spread = std::chrono::seconds(20);

/// A source that differs from the median by more than this part is in doubt.
constexpr unsigned doubt_beyond = 1000;
/// A source that differs by less than this part is no longer in doubt.
constexpr unsigned trust_below = 2000;

bool is_further_than(unsigned part, Rate value, Rate from) {
    const auto distance = value > from ? value.units() - from.units() : from.units() - value.units();
    return distance > from.units() / part;
}

/// Of two values in the middle, their mean. `values` is not empty.
Rate median(std::vector<Rate> values) {
    std::ranges::sort(values);
    const auto upper = values[values.size() / 2].units(), lower = values[(values.size() - 1) / 2].units();
    return Rate::from_units(lower + (upper - lower) / 2).value();
}

Duration spread_of(const std::vector<QuoteLeg>& legs) {
    const auto [oldest, newest] = std::ranges::minmax(legs, {}, &QuoteLeg::observed_at);
    return newest.observed_at - oldest.observed_at;
}

bool uses(const std::vector<Leg>& legs, SymbolId symbol) {
    return std::ranges::any_of(legs, [symbol](const Leg& leg) { return leg.symbol == symbol; });
}

bool uses(const std::vector<ReferenceStep>& steps, std::size_t rate) {
    return std::ranges::any_of(steps, [rate](const ReferenceStep& step) { return index(step.rate) == rate; });
}

}  // namespace

Pricer::Pricer(const MarketMap& map)
    : map_(map),
      filter_(map),
      routes_of_symbol_(map.symbols.size()),
      routes_of_reference_(map.reference_rates.size()),
      references_of_symbol_(map.symbols.size()),
      references_(map.reference_rates.size()),
      fresh_until_(map.routes.size()) {
    for (std::size_t i = 0; i < map.routes.size(); ++i) {
        const Route& route = map.routes[i];
        for (std::size_t symbol = 0; symbol < map.symbols.size(); ++symbol)
            if (uses(route.legs, static_cast<SymbolId>(symbol))) routes_of_symbol_[symbol].insert(i);
        for (std::size_t rate = 0; rate < map.reference_rates.size(); ++rate)
            if (uses(route.references, rate)) routes_of_reference_[rate].insert(i);
    }
    for (std::size_t rate = 0; rate < map.reference_rates.size(); ++rate) {
        const Route all{{}, {}, {}, {{static_cast<ReferenceRateId>(rate), false}}};
        for (const Leg& leg : map.possible_legs(all)) references_of_symbol_[index(leg.symbol)].insert(rate);
    }
}

Repricing Pricer::apply(std::span<const Tick> ticks, TimePoint now) {
    Repricing repricing;
    std::set<std::size_t> routes;
    for (const Tick& tick : ticks) take(tick, now, routes, repricing);
    reprice(std::move(routes), now, repricing);
    return repricing;
}

Repricing Pricer::restore(std::span<const Tick> ticks, TimePoint now) {
    Repricing repricing;
    std::set<std::size_t> routes;
    for (const Tick& tick : ticks) {
        if (!filter_.last(tick.symbol)) take(tick, now, routes, repricing);
    }
    reprice(std::move(routes), now, repricing);
    return repricing;
}

Repricing Pricer::withdraw(SymbolId symbol, TimePoint now) {
    Repricing repricing;
    filter_.forget(symbol);
    for (const std::size_t rate : references_of_symbol_[index(symbol)])
        references_[rate].valid_until = TimePoint::min();
    reprice(routes_of_symbol_[index(symbol)], now, repricing);
    return repricing;
}

bool Pricer::needs_witness(VenueId venue) const {
    for (std::size_t rate = 0; rate < references_.size(); ++rate) {
        if (!references_[rate].is_divided) continue;
        for (const auto& source : map_.reference_rates[rate].sources) {
            const auto is_of_venue = [&](const Leg& leg) { return map_.symbol(leg.symbol).venue == venue; };
            if (std::ranges::any_of(source.legs, is_of_venue)) return true;
        }
    }
    return false;
}

std::vector<ReferenceReport> Pricer::report(TimePoint now) const {
    std::vector<ReferenceReport> reports;
    for (std::size_t rate = 0; rate < references_.size(); ++rate) {
        ReferenceReport report{static_cast<ReferenceRateId>(rate), {}};
        for (const auto& source : map_.reference_rates[rate].sources)
            report.sources.push_back(this->report(references_[rate], source, report.sources.size(), now));
        reports.push_back(std::move(report));
    }
    return reports;
}

SourceReport Pricer::report(const ReferenceState& state, const ReferenceSource& source, std::size_t number,
                            TimePoint now) const {
    Reference product{number, {}, TimePoint::max()};
    bool is_complete = true;
    for (const Leg& leg : source.legs) is_complete &= append(leg, product);
    for (const ReferenceStep& step : source.references) is_complete &= append(step, product);
    const auto rate = is_complete ? cross_rate(product.legs) : errc::malformed;
    if (!rate) return {SourceState::incomplete, std::nullopt, std::move(product.legs)};
    const auto judge = [&] {
        if (now >= product.fresh_until || spread_of(product.legs) > reference_spread)
            return SourceState::stale;
        if (state.chosen && state.chosen->source == number) return SourceState::used;
        return state.doubted.contains(number) ? SourceState::doubted : SourceState::fresh;
    };
    return {judge(), rate->value, std::move(product.legs)};
}

/// Adds the routes that the tick affects to `routes`.
void Pricer::take(const Tick& tick, TimePoint now, std::set<std::size_t>& routes, Repricing& repricing) {
    const auto accepted = filter_.accept(tick, now);
    if (!accepted) repricing.refused.push_back({tick.symbol, accepted.error(), tick.bid, tick.ask});
    const bool is_changed = accepted || !filter_.last(tick.symbol);
    const auto& touched = routes_of_symbol_[index(tick.symbol)];
    if (!is_changed) return;
    routes.insert(touched.begin(), touched.end());
    for (const std::size_t rate : references_of_symbol_[index(tick.symbol)])
        references_[rate].valid_until = TimePoint::min();
}

/// Prices `routes` and those whose reference rates have changed.
void Pricer::reprice(std::set<std::size_t> routes, TimePoint now, Repricing& repricing) {
    for (std::size_t rate = 0; rate < references_.size(); ++rate) {
        if (now < references_[rate].valid_until) continue;
        const auto id = static_cast<ReferenceRateId>(rate);
        const auto before = references_[rate].chosen;
        update_reference(id, now);
        const auto& [fresh, doubted, is_divided, chosen, valid_until] = references_[rate];
        if (chosen == before) continue;
        routes.insert(routes_of_reference_[rate].begin(), routes_of_reference_[rate].end());
        const auto source = chosen ? std::optional(chosen->source) : std::nullopt;
        if (before && source == before->source) continue;
        const bool is_doubted = std::ranges::any_of(
            doubted, [&](std::size_t other) { return source && other < *source && fresh[other]; });
        repricing.reference_changes.push_back({id, source, is_doubted});
    }
    for (const std::size_t each : routes) {
        const Route& route = map_.routes[each];
        if (auto quote = price(route)) {
            // A stale quote tells nothing new when only its fresh legs change.
            const auto last = std::exchange(fresh_until_[each], quote->fresh_until);
            if (last != quote->fresh_until || quote->is_fresh(now))
                repricing.quotes.push_back(*std::move(quote));
        } else {
            fresh_until_[each].reset();
            repricing.lost.push_back({route.venue, route.direction});
        }
    }
}

std::optional<Quote> Pricer::price(const Route& route) const {
    Reference product{0, {}, TimePoint::max()};
    for (const Leg& leg : route.legs)
        if (!append(leg, product)) return std::nullopt;
    for (const ReferenceStep& step : route.references)
        if (!append(step, product)) return std::nullopt;
    const auto rate = cross_rate(product.legs);
    if (!rate) return std::nullopt;
    const auto oldest = std::ranges::min_element(product.legs, {}, &QuoteLeg::observed_at)->observed_at;
    return Quote{route.venue, route.direction, rate->bid,           rate->value,
                 rate->ask,   oldest,          product.fresh_until, std::move(product.legs)};
}

/// Appends the symbol's last tick. Fails if there is none yet.
bool Pricer::append(const Leg& leg, Reference& product) const {
    const auto& tick = filter_.last(leg.symbol);
    if (!tick) return false;
    product.legs.push_back(
        {leg.symbol, leg.inverted, tick->bid, tick->ask, tick->observed_at, tick->confirmation});
    product.fresh_until = std::min(product.fresh_until, tick->observed_at + leg.max_age);
    if (const auto& publications = map_.symbol(leg.symbol).publications)
        product.fresh_until = std::min(product.fresh_until,
                                       publications->confirmed_until(tick->confirmation, tick->observed_at));
    return true;
}

/// Appends the legs of the reference rate's chosen source. Fails if it has none.
bool Pricer::append(const ReferenceStep& step, Reference& product) const {
    const auto& chosen = references_[index(step.rate)].chosen;
    if (!chosen) return false;
    for (auto leg : chosen->legs) {
        leg.inverted = leg.inverted != step.inverted;
        product.legs.push_back(leg);
    }
    product.fresh_until = std::min(product.fresh_until, chosen->fresh_until);
    return true;
}

void Pricer::update_reference(ReferenceRateId id, TimePoint now) {
    auto& state = references_[index(id)];
    auto fresh = fresh_sources(id, now);
    if (fresh != state.fresh) {
        state.fresh = std::move(fresh);
        update_doubts(state);
    }
    state.chosen = choose_source(state, now);
    state.valid_until = TimePoint::max();
    for (const auto& source : state.fresh) {
        if (!source) continue;
        const auto replaced_at = source->fresh_until - reference_margin;
        state.valid_until =
            std::min(state.valid_until, now < replaced_at ? replaced_at : source->fresh_until);
    }
}

std::vector<std::optional<Pricer::Reference>> Pricer::fresh_sources(ReferenceRateId id, TimePoint now) const {
    std::vector<std::optional<Reference>> fresh;
    for (const auto& source : map_.reference_rates[index(id)].sources) {
        Reference product{fresh.size(), {}, TimePoint::max()};
        const bool is_complete =
            std::ranges::all_of(source.legs, [&](const Leg& leg) { return append(leg, product); }) &&
            std::ranges::all_of(source.references,
                                [&](const ReferenceStep& step) { return append(step, product); });
        const bool is_fresh = is_complete && now < product.fresh_until &&
                              spread_of(product.legs) <= reference_spread && cross_rate(product.legs);
        fresh.push_back(is_fresh ? std::optional(std::move(product)) : std::nullopt);
    }
    return fresh;
}

/// Compares the fresh sources. Below three independent sources none comes into doubt; one that is in doubt
/// must agree with the first that is not.
void Pricer::update_doubts(ReferenceState& state) const {
    std::vector<Rate> votes;
    std::set<VenueId> heard;
    std::optional<Rate> first_trusted;
    for (const auto& source : state.fresh) {
        if (!source) continue;
        const auto value = cross_rate(source->legs)->value;
        if (!first_trusted && !state.doubted.contains(source->source)) first_trusted = value;
        std::set<VenueId> venues;
        for (const QuoteLeg& leg : source->legs) venues.insert(map_.symbol(leg.symbol).venue);
        if (std::ranges::any_of(venues, [&](VenueId venue) { return heard.contains(venue); })) continue;
        heard.merge(venues);
        votes.push_back(value);
    }
    state.is_divided = votes.size() == 2 && is_further_than(doubt_beyond, votes[0], votes[1]);
    const bool is_majority = votes.size() >= 3;
    const auto expected = is_majority ? median(std::move(votes)) : first_trusted;
    for (const auto& source : state.fresh) {
        if (!source || !expected) continue;
        const auto value = cross_rate(source->legs)->value;
        if (is_majority && is_further_than(doubt_beyond, value, *expected))
            state.doubted.insert(source->source);
        if (!is_further_than(trust_below, value, *expected)) state.doubted.erase(source->source);
    }
}

/// The first source that is trusted and not about to become stale, otherwise the first that is trusted,
/// otherwise the first that is fresh.
std::optional<Pricer::Reference> Pricer::choose_source(const ReferenceState& state, TimePoint now) {
    const auto is_trusted = [&](const std::optional<Reference>& source) {
        return source && !state.doubted.contains(source->source);
    };
    const auto is_lasting = [&](const std::optional<Reference>& source) {
        return is_trusted(source) && now + reference_margin < source->fresh_until;
    };
    auto found = std::ranges::find_if(state.fresh, is_lasting);
    if (found == state.fresh.end()) found = std::ranges::find_if(state.fresh, is_trusted);
    if (found == state.fresh.end())
        found = std::ranges::find_if(state.fresh, [](const auto& source) { return source.has_value(); });
    return found == state.fresh.end() ? std::nullopt : *found;
}

}  // namespace kurs
