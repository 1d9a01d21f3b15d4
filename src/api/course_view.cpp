#include "api/course_view.hpp"

#include <algorithm>

#include "kurs/board/value_range.hpp"
#include "kurs/domain/percent_text.hpp"

namespace kurs::api {
namespace {

/// "7.201 s"
std::string seconds_text(Duration duration) {
    const auto milliseconds = std::max(duration, Duration{0}).count();
    auto text = std::to_string(milliseconds / 1000);
    if (milliseconds % 1000 != 0) text += "." + std::to_string(1000 + milliseconds % 1000).substr(1);
    return text + " s";
}

std::string observed_before(Duration age) {
    return "observed " + seconds_text(age) + " before";
}

/// The age limit of a symbol where the route or one of its reference rates uses it.
std::optional<Duration> find_limit(const MarketMap& map, const Route& route, SymbolId symbol) {
    const auto legs = map.possible_legs(route);
    const auto found = std::ranges::find(legs, symbol, &Leg::symbol);
    return found == legs.end() ? std::nullopt : std::optional(found->max_age);
}

/// Names the leg that made the quote stale, or the oldest leg if the limits are unknown.
std::string explain_stale(const QuoteView& quote, TimePoint when) {
    const auto ended_it = [&](const LegView& leg) {
        return leg.limit && leg.observed_at + *leg.limit == quote.fresh_until;
    };
    const auto was_confirmed_until = [&](const LegView& leg) {
        return leg.publications &&
               leg.publications->confirmed_until(leg.confirmation, leg.observed_at) == quote.fresh_until;
    };
    const auto since = "Stale since " + to_rfc3339(quote.fresh_until) + ": ";
    const auto& legs = quote.legs;
    const auto ended = std::ranges::find_if(legs, ended_it);
    if (ended != legs.end()) {
        return since + "its leg " + std::string(ended->venue) + " " + std::string(ended->symbol) + ", " +
               observed_before(when - ended->observed_at) + ", has a limit of " +
               seconds_text(*ended->limit) + ".";
    }
    const auto unconfirmed = std::ranges::find_if(legs, was_confirmed_until);
    if (unconfirmed != legs.end()) {
        const auto& last = unconfirmed->confirmation;
        const auto confirmed_at = last ? last->at : unconfirmed->observed_at;
        return since + "its leg " + std::string(unconfirmed->venue) + " " + std::string(unconfirmed->symbol) +
               ", confirmed " + seconds_text(when - confirmed_at) + " before, was not confirmed within " +
               seconds_text(unconfirmed->publications->confirmed_within) +
               " of the publication expected after that.";
    }
    const auto oldest = std::ranges::min_element(legs, {}, &LegView::observed_at);
    if (oldest == legs.end()) return since + observed_before(when - quote.observed_at) + ".";
    return since + "its oldest leg, " + std::string(oldest->venue) + " " + std::string(oldest->symbol) +
           ", was " + observed_before(when - oldest->observed_at) + ".";
}

std::string explain_too_old(const QuoteView& quote, Duration max_age, TimePoint when) {
    auto text = "Older than the max_age of " + seconds_text(max_age) + ": ";
    const auto oldest = std::ranges::min_element(quote.legs, {}, &LegView::observed_at);
    if (oldest != quote.legs.end()) {
        text.append("its oldest leg, ").append(oldest->venue).append(" ").append(oldest->symbol) += ", was ";
    }
    return text + observed_before(when - quote.observed_at) + ".";
}

std::string explain(const Ballot& ballot) {
    switch (ballot.vote) {
        case Vote::counted: return "";
        case Vote::stale: return "Stale since " + to_rfc3339(ballot.quote->fresh_until) + ".";
        case Vote::disputed: return "Disputed: " + ballot.quote->dispute + ".";
        case Vote::same_books: return "Its books are those of an exchanger that counts.";
        default: return "Some of its prices are not known.";
    }
}

void write(JsonWriter& json, const BallotView& ballot, TimePoint when) {
    const auto& quote = ballot.quote;
    json.open('{');
    json.member("exchanger", ballot.exchanger);
    json.member("bid", quote ? std::optional(quote->bid) : std::nullopt);
    json.member("value", quote ? std::optional(quote->value) : std::nullopt);
    json.member("ask", quote ? std::optional(quote->ask) : std::nullopt);
    json.member("age_ms", quote ? std::optional(std::max(when - quote->observed_at, Duration{0}).count())
                                : std::nullopt);
    json.member("counts", ballot.reason.empty());
    json.member("reason", ballot.reason.empty() ? std::nullopt : std::optional(ballot.reason));
    json.close('}');
}

void write(JsonWriter& json, const ConsensusView& consensus, TimePoint when) {
    const bool is_agreed = consensus.counted >= MarketMap::fewest_in_consensus;
    const auto agreement = consensus.is_thin ? "agreed, thin" : "agreed";
    const auto& dispersion = consensus.dispersion_ppm;
    json.open('{');
    json.member("agreement", is_agreed ? std::optional(std::string_view(agreement)) : std::nullopt);
    json.member("counted", consensus.counted);
    json.member("dispersion_percent", dispersion ? std::optional(percent_text(*dispersion)) : std::nullopt);
    json.key("exchangers");
    json.open('[');
    for (const auto& ballot : consensus.ballots) write(json, ballot, when);
    json.close(']');
    json.close('}');
}

void write(JsonWriter& json, const LegView& leg, TimePoint when) {
    json.open('{');
    write_members(json, leg, when);
    json.close('}');
}

}  // namespace

std::string_view to_string(CourseState state) {
    switch (state) {
        case CourseState::fresh: return "fresh";
        case CourseState::stale: return "stale";
        case CourseState::disputed: return "disputed";
        default: return "unavailable";
    }
}

void write_members(JsonWriter& json, const LegView& leg, TimePoint when) {
    json.member("venue", leg.venue);
    json.member("symbol", leg.symbol);
    json.member("inverted", leg.inverted);
    json.member("bid", leg.bid);
    json.member("ask", leg.ask);
    json.member("observed_at", leg.observed_at);
    if (const auto& confirmation = leg.confirmation) {
        json.member("date", std::string_view(to_rfc3339(confirmation->date)).substr(0, 10));
        json.member("confirmed_at", confirmation->at);
    }
    if (leg.publications) json.member("market_open", leg.publications->is_market_open(when));
    if (leg.is_declared) json.member("declared", true);
}

QuoteView make_view(const MarketMap& map, const Quote& quote) {
    QuoteView view{quote.bid,         quote.value, quote.ask,    quote.observed_at,
                   quote.fresh_until, {},          quote.dispute};
    const auto* const route = map.find_route(quote.venue, quote.direction);
    view.legs.reserve(quote.legs.size());
    for (const auto& leg : quote.legs) {
        const auto& symbol = map.symbol(leg.symbol);
        auto limit = route ? find_limit(map, *route, leg.symbol) : std::nullopt;
        view.legs.push_back({map.name(symbol.venue), symbol.name, leg.inverted, leg.bid, leg.ask,
                             leg.observed_at, limit, leg.confirmation, symbol.publications.get(),
                             symbol.is_declared});
    }
    return view;
}

ConsensusView make_view(const MarketMap& map, const Consensus& consensus, const Quote* published) {
    ConsensusView view{consensus.counted, consensus.is_thin(), {}, {}};
    for (const auto& ballot : consensus.ballots) {
        const auto* const quote = ballot.quote;
        view.ballots.push_back({map.name(ballot.venue),
                                quote ? std::optional(make_view(map, *quote)) : std::nullopt,
                                explain(ballot)});
        if (ballot.vote != Vote::counted || !published) continue;
        const auto distance = distance_ppm(quote->value.units(), published->value.units());
        view.dispersion_ppm = std::max(view.dispersion_ppm.value_or(0), distance);
    }
    return view;
}

QuoteView make_view(const RecordedQuote& quote) {
    QuoteView view{quote.bid, quote.value, quote.ask, quote.observed_at, quote.fresh_until, {}, {}};
    view.legs.reserve(quote.legs.size());
    for (const auto& leg : quote.legs) {
        view.legs.push_back(
            {leg.venue, leg.symbol, leg.inverted, leg.bid, leg.ask, leg.observed_at, std::nullopt});
    }
    return view;
}

CourseView judge(std::string_view direction, QuoteView quote, std::optional<Duration> max_age,
                 TimePoint when) {
    CourseView course{direction, CourseState::fresh, {}, std::move(quote)};
    if (when >= course.quote->fresh_until) {
        course.reason = explain_stale(*course.quote, when);
    } else if (max_age && when - course.quote->observed_at > *max_age) {
        course.reason = explain_too_old(*course.quote, *max_age, when);
    }
    if (!course.reason.empty()) {
        course.state = CourseState::stale;
    } else if (!course.quote->dispute.empty()) {
        course.state = CourseState::disputed;
        course.reason = "Disputed: " + std::string(course.quote->dispute) + ".";
    }
    return course;
}

CourseView unavailable(std::string_view direction, std::string reason) {
    return {direction, CourseState::unavailable, std::move(reason), std::nullopt};
}

void write(JsonWriter& json, const CourseView& course, TimePoint when) {
    const auto& quote = course.quote;
    const auto if_fresh = [&](Rate QuoteView::*price) {
        return course.state == CourseState::fresh ? std::optional((*quote).*price) : std::nullopt;
    };
    json.open('{');
    json.member("direction", course.direction);
    json.member("state", to_string(course.state));
    json.member("reason", course.reason.empty() ? std::nullopt : std::optional(course.reason));
    json.member("bid", if_fresh(&QuoteView::bid));
    json.member("value", if_fresh(&QuoteView::value));
    json.member("ask", if_fresh(&QuoteView::ask));
    json.member("observed_at", quote ? std::optional(quote->observed_at) : std::nullopt);
    json.member("age_ms", quote ? std::optional(std::max(when - quote->observed_at, Duration{0}).count())
                                : std::nullopt);
    json.member("fresh_until", quote ? std::optional(quote->fresh_until) : std::nullopt);
    json.key("legs");
    json.open('[');
    if (quote) {
        for (const auto& leg : quote->legs) write(json, leg, when);
    }
    json.close(']');
    if (course.consensus) {
        json.key("consensus");
        write(json, *course.consensus, when);
    }
    json.close('}');
}

}  // namespace kurs::api
