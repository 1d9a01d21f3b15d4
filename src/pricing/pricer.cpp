#include "kurs/pricing/pricer.hpp"

#include <algorithm>

#include "kurs/pricing/cross_rate.hpp"

namespace kurs {
namespace {

/// A fiat source that is about to go stale gives way this much earlier, so that quotes made from it do not.
constexpr Duration fiat_margin = std::chrono::seconds(2);

/// The legs of one fiat source must have been true together: one price before a stablecoin's fall and one
/// after it make a rate that never was.
constexpr Duration fiat_spread = std::chrono::seconds(60);

/// Takes the symbol's last tick as a leg of a quote. Fails where there is none yet.
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
    : map_(map), filter_(map), routes_of_symbol_(map.symbols.size()), fiat_source_(map.fiat_legs.size()) {
    for (std::size_t route = 0; route < map.routes.size(); ++route) {
        for (std::size_t symbol = 0; symbol < map.symbols.size(); ++symbol) {
            const auto id = static_cast<SymbolId>(symbol);
            const bool in_fiat = std::ranges::any_of(map.routes[route].fiat, [&](const FiatStep& step) {
                const auto& sources = map.fiat_legs[index(step.fiat)].sources;
                return std::ranges::any_of(sources, [id](const auto& source) { return uses(source, id); });
            });
            if (in_fiat || uses(map.routes[route].legs, id)) routes_of_symbol_[symbol].insert(route);
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

/// Adds the routes that the tick touches.
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
    repricing.fiat_changes = follow_fiat_sources(now);
}

std::optional<Quote> Pricer::price(const Route& route, TimePoint now) const {
    std::vector<QuoteLeg> legs;
    TimePoint fresh_until = TimePoint::max();
    for (const Leg& leg : route.legs) {
        if (!append_leg(leg, false, filter_, legs, fresh_until)) return std::nullopt;
    }
    for (const FiatStep& step : route.fiat) {
        auto source = choose_source(step.fiat, now);
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

std::optional<Pricer::FiatChoice> Pricer::choose_source(FiatLegId fiat, TimePoint now) const {
    const auto& leg = map_.fiat_legs[index(fiat)];
    const auto source = best_source(leg, now);
    if (!source) return std::nullopt;
    FiatChoice choice{{}, TimePoint::max()};
    for (const Leg& part : leg.sources[*source]) {
        append_leg(part, false, filter_, choice.legs, choice.fresh_until);
    }
    return choice;
}

std::optional<std::size_t> Pricer::best_source(const FiatLeg& fiat, TimePoint now) const {
    const auto is_usable = [&](const std::vector<Leg>& source) {
        auto first = TimePoint::max(), last = TimePoint::min();
        for (const Leg& leg : source) {
            const auto& tick = filter_.last(leg.symbol);
            if (!tick || now + fiat_margin >= tick->observed_at + leg.max_age) return false;
            first = std::min(first, tick->observed_at);
            last = std::max(last, tick->observed_at);
        }
        return last - first <= fiat_spread;
    };
    const auto found = std::ranges::find_if(fiat.sources, is_usable);
    if (found == fiat.sources.end()) return std::nullopt;
    return static_cast<std::size_t>(found - fiat.sources.begin());
}

std::vector<FiatSourceChange> Pricer::follow_fiat_sources(TimePoint now) {
    std::vector<FiatSourceChange> changes;
    for (std::size_t fiat = 0; fiat < map_.fiat_legs.size(); ++fiat) {
        const auto source = best_source(map_.fiat_legs[fiat], now);
        if (source == fiat_source_[fiat]) continue;
        fiat_source_[fiat] = source;
        changes.push_back({static_cast<FiatLegId>(fiat), source});
    }
    return changes;
}

}  // namespace kurs
