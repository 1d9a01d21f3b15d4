#include <algorithm>
#include <set>

#include "api/contract_v2.hpp"
#include "api/course_view.hpp"
#include "kurs/domain/percent_text.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_explanation_size = 16 * 1024;

/// What a direction may be made of.
struct Parts {
    std::vector<const Route*> routes;
    std::set<ReferenceRateId> rates;
    std::vector<SymbolId> symbols;  ///< in the order of the routes

    bool has(SymbolId symbol) const { return std::ranges::find(symbols, symbol) != symbols.end(); }
};

void add_rates(const MarketMap& map, const std::vector<ReferenceStep>& steps,
               std::set<ReferenceRateId>& rates) {
    for (const auto& step : steps) {
        if (!rates.insert(step.rate).second) continue;
        for (const auto& source : map.reference_rates[index(step.rate)].sources)
            add_rates(map, source.references, rates);
    }
}

Parts parts_of(const MarketMap& map, DirectionId direction) {
    Parts parts;
    for (const auto& route : map.routes) {
        if (route.direction != direction) continue;
        parts.routes.push_back(&route);
        add_rates(map, route.references, parts.rates);
        for (const auto& leg : map.possible_legs(route))
            if (!parts.has(leg.symbol)) parts.symbols.push_back(leg.symbol);
    }
    return parts;
}

/// A leg with its limit, and the reference rate that it belongs to.
struct TracedLeg {
    LegView leg;
    std::optional<ReferenceRateId> rate;
};

/// Finds each leg in the product that it is a part of. The legs have the order of the product; some may be
/// missing.
std::vector<TracedLeg> trace(const MarketMap& map, const std::vector<Leg>& own,
                             const std::vector<ReferenceStep>& steps, const std::vector<QuoteLeg>& legs) {
    std::vector<TracedLeg> traced;
    auto next = own.begin();
    auto step = steps.begin();
    for (const auto& leg : legs) {
        const auto& symbol = map.symbol(leg.symbol);
        TracedLeg view{{map.name(symbol.venue),
                        symbol.name,
                        leg.inverted,
                        leg.bid,
                        leg.ask,
                        leg.observed_at,
                        {},
                        leg.confirmation,
                        symbol.publications.get(),
                        symbol.is_declared},
                       {}};
        const auto found = std::ranges::find(next, own.end(), leg.symbol, &Leg::symbol);
        if (found != own.end()) {
            view.leg.limit = found->max_age;
            next = found + 1;
        }
        for (auto each = step; !view.leg.limit && each != steps.end(); ++each) {
            const auto possible = map.possible_legs({{}, {}, {}, {*each}});
            const auto use = std::ranges::find(possible, leg.symbol, &Leg::symbol);
            if (use == possible.end()) continue;
            view.leg.limit = use->max_age;
            view.rate = each->rate;
            step = each;
        }
        traced.push_back(std::move(view));
    }
    return traced;
}

std::optional<std::int64_t> count_of(std::optional<Duration> duration) {
    return duration ? std::optional(duration->count()) : std::nullopt;
}

std::int64_t age_of(TimePoint observed_at, TimePoint when) {
    return std::max(Duration(when - observed_at), Duration{0}).count();
}

void write_legs(JsonWriter& json, const MarketMap& map, const std::vector<TracedLeg>& legs, TimePoint when) {
    json.key("legs");
    json.open('[');
    for (const auto& [leg, rate] : legs) {
        json.open('{');
        write_members(json, leg, when);
        json.member("age_ms", age_of(leg.observed_at, when));
        json.member("max_age_ms", count_of(leg.limit));
        json.member("reference_rate",
                    rate ? std::optional(map.reference_rates[index(*rate)].direction.text()) : std::nullopt);
        json.close('}');
    }
    json.close(']');
}

/// Prices are shown in every state: they are what is explained.
void write_quote(JsonWriter& json, const MarketMap& map, const QuoteView& quote,
                 const std::vector<TracedLeg>& legs, TimePoint when) {
    json.open('{');
    json.member("bid", quote.bid);
    json.member("value", quote.value);
    json.member("ask", quote.ask);
    json.member("observed_at", quote.observed_at);
    json.member("age_ms", age_of(quote.observed_at, when));
    json.member("fresh_until", quote.fresh_until);
    write_legs(json, map, legs, when);
    json.close('}');
}

struct ExchangerView {
    std::string name;
    bool is_active = false;
    std::optional<std::string> route;
    CourseView course;
    std::vector<TracedLeg> legs;
};

void write(JsonWriter& json, const MarketMap& map, const ExchangerView& exchanger, TimePoint when) {
    const auto& course = exchanger.course;
    json.open('{');
    json.member("exchanger", exchanger.name);
    json.member("is_active", exchanger.is_active);
    json.member("state", to_string(course.state));
    json.member("reason", course.reason.empty() ? std::nullopt : std::optional(course.reason));
    json.member("route", exchanger.route);
    json.key("quote");
    if (course.quote) {
        write_quote(json, map, *course.quote, exchanger.legs, when);
    } else {
        json.value(std::nullopt);
    }
    json.close('}');
}

struct ServedView {
    std::optional<std::string> exchanger;
    std::optional<TimePoint> since;
    std::optional<std::string> reason;  ///< of the last change of the active exchanger
    CourseView course;
};

void write(JsonWriter& json, const ServedView& served, TimePoint when) {
    json.key("served");
    json.open('{');
    json.member("exchanger", served.exchanger);
    json.member("since", served.since);
    json.member("reason", served.reason);
    json.key("course");
    api::write(json, served.course, when);
    json.close('}');
}

ServedView view_served(const Board& board, const FailoverHistory& failovers, DirectionId direction,
                       TimePoint now) {
    const auto active = board.active();
    ServedView served{{}, {}, {}, view_course(board, active, direction, std::nullopt, now)};
    if (!active) return served;
    served.exchanger = board.map().name(*active);
    const auto periods = failovers.periods();
    if (periods.empty() || periods.back().venue != *served.exchanger) return served;
    served.since = periods.back().from;
    served.reason = periods.back().reason;
    return served;
}

ExchangerView view_exchanger(const Board& board, const Parts& parts, VenueId venue, DirectionId direction,
                             TimePoint now) {
    const auto& map = board.map();
    ExchangerView view{map.name(venue), board.active() == venue, {}, {}, {}};
    view.course = view_course(board, venue, direction, std::nullopt, now);
    const auto route = std::ranges::find(parts.routes, venue, &Route::venue);
    const auto* const quote = board.find(venue, direction);
    if (route == parts.routes.end()) {
        if (quote) view.legs = trace(map, {}, {}, quote->legs);
        return view;
    }
    if (venue != map.consensus) view.route = map.formula((*route)->legs, (*route)->references);
    if (quote) view.legs = trace(map, (*route)->legs, (*route)->references, quote->legs);
    return view;
}

/// The exchangers that serve anything, in the order in which they would become active.
void write_next(JsonWriter& json, const Board& board, TimePoint now) {
    std::vector<std::pair<std::size_t, VenueId>> standbys;
    for (const VenueId venue : board.map().exchangers) {
        const auto fresh = board.count_fresh(venue, now);
        if (fresh > 0 && board.active() != venue) standbys.emplace_back(fresh, venue);
    }
    std::ranges::stable_sort(standbys, std::greater{}, &std::pair<std::size_t, VenueId>::first);
    json.key("next");
    json.open('[');
    for (const auto& [fresh, venue] : standbys) {
        json.open('{');
        json.member("exchanger", board.map().name(venue));
        json.member("fresh", fresh);
        json.close('}');
    }
    json.close(']');
}

void write_source(JsonWriter& json, const MarketMap& map, const ReferenceSource& source,
                  const SourceReport* report, TimePoint when) {
    json.open('{');
    json.member("source", map.formula(source));
    json.member("state", report ? std::optional(to_string(report->state)) : std::nullopt);
    json.member("value", report ? report->value : std::nullopt);
    write_legs(json, map,
               report ? trace(map, source.legs, source.references, report->legs) : std::vector<TracedLeg>{},
               when);
    json.close('}');
}

/// None: not reported, or by a writer whose market map has other sources.
const ReferenceReport* find_report(const MarketMap& map, const std::optional<PricingReport>& pricing,
                                   ReferenceRateId rate) {
    if (!pricing) return nullptr;
    const auto found = std::ranges::find(pricing->references, rate, &ReferenceReport::rate);
    if (found == pricing->references.end()) return nullptr;
    return found->sources.size() == map.reference_rates[index(rate)].sources.size() ? &*found : nullptr;
}

void write_rates(JsonWriter& json, const MarketMap& map, const std::set<ReferenceRateId>& rates,
                 const std::optional<PricingReport>& pricing, TimePoint when) {
    json.key("reference_rates");
    json.open('[');
    for (const auto id : rates) {
        const auto& rate = map.reference_rates[index(id)];
        const auto* const report = find_report(map, pricing, id);
        json.open('{');
        json.member("reference_rate", rate.direction.text());
        json.key("sources");
        json.open('[');
        for (std::size_t i = 0; i < rate.sources.size(); ++i)
            write_source(json, map, rate.sources[i], report ? &report->sources[i] : nullptr, when);
        json.close(']');
        json.close('}');
    }
    json.close(']');
}

/// Those that began until `when`; null if they are not known.
void write_refusals(JsonWriter& json, const MarketMap& map, const Parts& parts,
                    const std::optional<PricingReport>& pricing, TimePoint when) {
    json.key("refused");
    if (!pricing || when < pricing->at - refusals_kept) return json.value(std::nullopt);
    json.open('[');
    for (const auto& refusal : pricing->refusals) {
        if (!parts.has(refusal.symbol) || refusal.first_at > when) continue;
        const auto& symbol = map.symbol(refusal.symbol);
        json.open('{');
        json.member("venue", map.name(symbol.venue));
        json.member("symbol", symbol.name);
        json.member("reason", to_string(refusal.reason));
        json.member("bid", refusal.bid);
        json.member("ask", refusal.ask);
        json.member("first_at", refusal.first_at);
        json.member("last_at", refusal.last_at);
        json.member("times", refusal.times);
        json.close('}');
    }
    json.close(']');
}

/// A percentage without trailing zeros.
std::optional<Rate> percent_of(std::optional<std::uint32_t> ppm) {
    return ppm ? std::optional(Rate::parse(percent_text(*ppm)).value()) : std::nullopt;
}

void write_limits(JsonWriter& json, const MarketMap& map, const Parts& parts, DirectionId direction) {
    json.key("limits");
    json.open('{');
    const auto i = index(direction);
    json.member("allowance_percent",
                i < map.allowances.size() ? percent_of(map.allowances[i]) : std::nullopt);
    json.key("symbols");
    json.open('[');
    for (const SymbolId id : parts.symbols) {
        const auto& symbol = map.symbol(id);
        const auto& limits = symbol.limits;
        json.open('{');
        json.member("venue", map.name(symbol.venue));
        json.member("symbol", symbol.name);
        json.member("max_age_ms", limits.max_age.count());
        json.member("max_jump_percent", limits.max_jump_percent);
        json.member("min", limits.min);
        json.member("max", limits.max);
        json.close('}');
    }
    json.close(']');
    json.close('}');
}

/// The legs as recorded. Their limits were those of the market map of that time.
std::vector<TracedLeg> recorded_legs(const CourseView& course) {
    std::vector<TracedLeg> legs;
    if (!course.quote) return legs;
    for (const auto& leg : course.quote->legs) legs.push_back({leg, {}});
    return legs;
}

RecordedCourse find_recorded(const RecordedExplanation& recorded, const std::optional<std::string>& venue) {
    if (!venue) return {};
    const auto found = std::ranges::find(recorded.quotes, *venue, &RecordedQuote::venue);
    return {venue, found == recorded.quotes.end() ? std::nullopt : std::optional(*found)};
}

}  // namespace

std::string render_explanation(const Board& board, const FailoverHistory& failovers,
                               const std::optional<PricingReport>& pricing, DirectionId direction,
                               TimePoint now) {
    const auto& map = board.map();
    const auto parts = parts_of(map, direction);
    JsonWriter json(usual_explanation_size);
    json.open('{');
    json.member("version", board.version());
    json.member("as_of", now);
    json.member("direction", map.direction(direction).text());
    write(json, view_served(board, failovers, direction, now), now);
    json.key("exchangers");
    json.open('[');
    for (const VenueId venue : map.exchangers)
        write(json, map, view_exchanger(board, parts, venue, direction, now), now);
    json.close(']');
    write_next(json, board, now);
    json.member("reported_at", pricing ? std::optional(pricing->at) : std::nullopt);
    write_rates(json, map, parts.rates, pricing, now);
    write_refusals(json, map, parts, pricing, now);
    write_limits(json, map, parts, direction);
    json.close('}');
    return json.take();
}

std::string render_recorded(const MarketMap& map, const ExplanationQuestion& question,
                            const RecordedExplanation& recorded,
                            const std::optional<PricingReport>& pricing) {
    const auto& direction = map.direction(question.direction).text();
    const auto& active = recorded.active;
    const auto venue = active ? active->venue : std::nullopt;
    JsonWriter json(usual_explanation_size);
    json.open('{');
    json.member("at", question.at);
    json.member("direction", direction);
    const auto course = find_recorded(recorded, venue);
    write(json,
          ServedView{venue, active ? std::optional(active->at) : std::nullopt,
                     active ? std::optional(active->reason) : std::nullopt,
                     view_recorded(direction, std::nullopt, question.at, course)},
          question.at);
    json.key("exchangers");
    json.open('[');
    for (const VenueId each : map.exchangers) {
        const auto quote = find_recorded(recorded, map.name(each));
        auto view = view_recorded(direction, std::nullopt, question.at, quote);
        const auto legs = recorded_legs(view);
        write(json, map, {map.name(each), venue == map.name(each), {}, std::move(view), legs}, question.at);
    }
    json.close(']');
    for (const auto* const unknown : {"next", "reported_at", "reference_rates"})
        json.member(unknown, std::nullopt);
    write_refusals(json, map, parts_of(map, question.direction), pricing, question.at);
    json.member("limits", std::nullopt);
    json.close('}');
    return json.take();
}

}  // namespace kurs::api::v2
