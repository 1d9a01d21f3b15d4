#include "kurs/pricing/pricer.hpp"

#include <algorithm>

#include "kurs/pricing/cross_rate.hpp"

namespace kurs {
namespace {

/// A source of a reference rate is replaced this long before it becomes stale, so that quotes based on it do
/// not become stale.
constexpr Duration reference_margin = std::chrono::seconds(2);

/// The maximum difference between the times of a source's legs. A price from before a stablecoin's fall
/// multiplied by one from after it is a rate that never existed.
constexpr Duration reference_spread = std::chrono::seconds(60);

/// Appends the symbol's last tick as a leg of a quote. Fails if there is none yet.
bool append_leg(const Leg& leg, bool inverted, const TickFilter& ticks, std::vector<QuoteLeg>& legs,
                TimePoint& fresh_until) {
    const auto& tick = ticks.last(leg.symbol);
    if (!tick) return false;
    legs.push_back({leg.symbol, leg.inverted != inverted, tick->bid, tick->ask, tick->observed_at});
    fresh_until = std::min(fresh_until, tick->observed_at + leg.max_age);
    return true;
}

bool uses(const std::vector<Leg>& legs, SymbolId symbol) {
    return std::ranges::any_of(legs, [symbol](const Leg& leg) { return leg.symbol == symbol; });
}

}  // namespace

Pricer::Pricer(const MarketMap& map)
    : map_(map),
      filter_(map),
      routes_of_symbol_(map.symbols.size()),
      reference_source_(map.reference_rates.size()) {
    for (std::size_t route = 0; route < map.routes.size(); ++route) {
        for (std::size_t symbol = 0; symbol < map.symbols.size(); ++symbol) {
            const auto id = static_cast<SymbolId>(symbol);
            const bool in_reference =
                std::ranges::any_of(map.routes[route].references, [&](const ReferenceStep& step) {
                    const auto& sources = map.reference_rates[index(step.rate)].sources;
                    return std::ranges::any_of(sources,
                                               [id](const auto& source) { return uses(source, id); });
                });
            if (in_reference || uses(map.routes[route].legs, id)) routes_of_symbol_[symbol].insert(route);
        }
    }
}

Repricing Pricer::apply(std::span<const Tick> ticks, TimePoint now) {
    Repricing repricing;
    std::set<std::size_t> routes;
    for (const Tick& tick : ticks) take(tick, now, routes, repricing);
    reprice(routes, now, repricing);
    return repricing;
}

Repricing Pricer::restore(std::span<const Tick> ticks, TimePoint now) {
    Repricing repricing;
    std::set<std::size_t> routes;
    for (const Tick& tick : ticks) {
        if (!filter_.last(tick.symbol)) take(tick, now, routes, repricing);
    }
    reprice(routes, now, repricing);
    return repricing;
}

Repricing Pricer::withdraw(SymbolId symbol, TimePoint now) {
    Repricing repricing;
    filter_.forget(symbol);
    reprice(routes_of_symbol_[index(symbol)], now, repricing);
    return repricing;
}

/// Adds the routes that the tick affects to `routes`.
void Pricer::take(const Tick& tick, TimePoint now, std::set<std::size_t>& routes, Repricing& repricing) {
    const auto accepted = filter_.accept(tick, now);
    if (!accepted) repricing.refused.push_back({tick.symbol, accepted.error()});
    const bool is_changed = accepted || !filter_.last(tick.symbol);
    const auto& touched = routes_of_symbol_[index(tick.symbol)];
    if (is_changed) routes.insert(touched.begin(), touched.end());
}

void Pricer::reprice(const std::set<std::size_t>& routes, TimePoint now, Repricing& repricing) {
    for (const std::size_t each : routes) {
        const Route& route = map_.routes[each];
        if (auto quote = price(route, now)) {
            repricing.quotes.push_back(std::move(*quote));
        } else {
            repricing.lost.push_back({route.venue, route.direction});
        }
    }
    repricing.reference_changes = follow_reference_sources(now);
}

std::optional<Quote> Pricer::price(const Route& route, TimePoint now) const {
    std::vector<QuoteLeg> legs;
    TimePoint fresh_until = TimePoint::max();
    for (const Leg& leg : route.legs) {
        if (!append_leg(leg, false, filter_, legs, fresh_until)) return std::nullopt;
    }
    for (const ReferenceStep& step : route.references) {
        auto source = choose_source(step.rate, now);
        if (!source) return std::nullopt;
        for (auto& leg : source->legs) {
            leg.inverted = leg.inverted != step.inverted;
            legs.push_back(leg);
        }
        fresh_until = std::min(fresh_until, source->fresh_until);
    }
    const auto rate = cross_rate(legs);
    if (!rate) return std::nullopt;
    const auto oldest = std::ranges::min_element(legs, {}, &QuoteLeg::observed_at)->observed_at;
    return Quote{route.venue, route.direction, rate->bid,   rate->value,
                 rate->ask,   oldest,          fresh_until, std::move(legs)};
}

std::optional<Pricer::SourceChoice> Pricer::choose_source(ReferenceRateId id, TimePoint now) const {
    const auto& rate = map_.reference_rates[index(id)];
    const auto source = best_source(rate, now);
    if (!source) return std::nullopt;
    SourceChoice choice{{}, TimePoint::max()};
    for (const Leg& part : rate.sources[*source]) {
        append_leg(part, false, filter_, choice.legs, choice.fresh_until);
    }
    return choice;
}

std::optional<std::size_t> Pricer::best_source(const ReferenceRate& rate, TimePoint now) const {
    const auto is_usable = [&](const std::vector<Leg>& source) {
        auto first = TimePoint::max(), last = TimePoint::min();
        for (const Leg& leg : source) {
            const auto& tick = filter_.last(leg.symbol);
            if (!tick || now + reference_margin >= tick->observed_at + leg.max_age) return false;
            first = std::min(first, tick->observed_at);
            last = std::max(last, tick->observed_at);
        }
        return last - first <= reference_spread;
    };
    const auto found = std::ranges::find_if(rate.sources, is_usable);
    if (found == rate.sources.end()) return std::nullopt;
    return static_cast<std::size_t>(found - rate.sources.begin());
}

std::vector<ReferenceSourceChange> Pricer::follow_reference_sources(TimePoint now) {
    std::vector<ReferenceSourceChange> changes;
    for (std::size_t rate = 0; rate < map_.reference_rates.size(); ++rate) {
        const auto source = best_source(map_.reference_rates[rate], now);
        if (source == reference_source_[rate]) continue;
        reference_source_[rate] = source;
        changes.push_back({static_cast<ReferenceRateId>(rate), source});
    }
    return changes;
}

}  // namespace kurs
