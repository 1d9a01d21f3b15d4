#include "api/course_view.hpp"

#include <algorithm>

namespace kurs::api {
namespace {

std::string_view text_of(CourseState state) {
    switch (state) {
        case CourseState::fresh: return "fresh";
        case CourseState::stale: return "stale";
        case CourseState::disputed: return "disputed";
        default: return "unavailable";
    }
}

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
    const auto since = "Stale since " + to_rfc3339(quote.fresh_until) + ": ";
    const auto& legs = quote.legs;
    const auto ended = std::ranges::find_if(legs, ended_it);
    if (ended != legs.end()) {
        return since + "its leg " + std::string(ended->venue) + " " + std::string(ended->symbol) + ", " +
               observed_before(when - ended->observed_at) + ", has a limit of " +
               seconds_text(*ended->limit) + ".";
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

void write(JsonWriter& json, const LegView& leg) {
    json.open('{');
    json.member("venue", leg.venue);
    json.member("symbol", leg.symbol);
    json.member("inverted", leg.inverted);
    json.member("bid", leg.bid);
    json.member("ask", leg.ask);
    json.member("observed_at", leg.observed_at);
    json.close('}');
}

}  // namespace

QuoteView make_view(const MarketMap& map, const Quote& quote) {
    QuoteView view{quote.bid,         quote.value, quote.ask,    quote.observed_at,
                   quote.fresh_until, {},          quote.dispute};
    const auto is_its = [&](const Route& route) {
        return route.venue == quote.venue && route.direction == quote.direction;
    };
    const auto route = std::ranges::find_if(map.routes, is_its);
    view.legs.reserve(quote.legs.size());
    for (const auto& leg : quote.legs) {
        const auto& symbol = map.symbol(leg.symbol);
        auto limit = route == map.routes.end() ? std::nullopt : find_limit(map, *route, leg.symbol);
        view.legs.push_back(
            {map.name(symbol.venue), symbol.name, leg.inverted, leg.bid, leg.ask, leg.observed_at, limit});
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
    json.member("state", text_of(course.state));
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
        for (const auto& leg : quote->legs) write(json, leg);
    }
    json.close(']');
    json.close('}');
}

}  // namespace kurs::api
