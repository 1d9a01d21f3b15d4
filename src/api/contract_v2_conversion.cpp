#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

#include "api/contract_v1.hpp"
#include "api/contract_v2.hpp"
#include "api/course_view.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_conversion_size = 2048;
constexpr u128 first_too_large = u128{1'000'000'000'000'000} * 1'000'000'000'000'000'000;  // 1e15

std::string upper(std::string_view text) {
    return boost::algorithm::to_upper_copy(std::string(trimmed_item(text)), std::locale::classic());
}

std::string unknown_asset(const MarketMap& map, std::string_view text) {
    std::string list;
    for (const auto asset : map.assets()) append_item(list, asset);
    return "Unknown asset " + quoted(text) + ". Served: " + list + ".";
}

Parsed<Rate> read_amount(std::string_view text) {
    const auto amount = Rate::parse(text);
    if (!amount || amount->units() >= first_too_large) {
        return "Malformed amount " + quoted(text) +
               ". Give a positive decimal below 1000000000000000 with at most 18 decimals, such as 0.05.";
    }
    return *amount;
}

Parsed<Side> read_side(std::string_view text) {
    if (text == "sell") return Side::sell;
    if (text == "buy") return Side::buy;
    return "Unknown side " + quoted(text) + ". Allowed: sell, buy.";
}

/// A course and how it is used.
struct Used {
    CourseView course;
    bool inverted = false;
};

/// Prices are exact in the legs, and truncated in the quote. The consensus has no legs: its quote is exact.
std::vector<ConversionFactor> factors_of(const std::vector<Used>& courses) {
    std::vector<ConversionFactor> factors;
    for (const auto& [course, inverted] : courses) {
        const auto& quote = course.quote.value();
        for (const auto& leg : quote.legs) factors.push_back({leg.bid, leg.ask, leg.inverted != inverted});
        if (quote.legs.empty()) factors.push_back({quote.bid, quote.ask, inverted});
    }
    return factors;
}

/// The 503 if some of the courses are not fresh.
std::optional<Problem> explain_not_fresh(const Board& board, std::optional<VenueId> venue,
                                         const ConversionQuery& query,
                                         const std::vector<ConversionStep>& path,
                                         const std::vector<Used>& courses, TimePoint now) {
    CoursesQuery lacking{query.venue, {}, query.max_age};
    std::string reasons;
    for (std::size_t i = 0; i < courses.size(); ++i) {
        const auto& course = courses[i].course;
        if (course.state == CourseState::fresh) continue;
        lacking.directions.push_back(path[i].direction);
        reasons.append(" ").append(course.direction).append(": ").append(course.reason);
    }
    if (lacking.directions.empty()) return std::nullopt;
    auto problem = explain_no_courses(board.map(), venue, lacking);
    if (venue) problem.detail += reasons;
    problem.members = render_courses(board, lacking, now).members;
    return problem;
}

void write_courses(JsonWriter& json, const std::vector<Used>& courses) {
    json.key("courses");
    json.open('[');
    for (const auto& [course, inverted] : courses) {
        json.open('{');
        json.member("direction", course.direction);
        json.member("inverted", inverted);
        json.member("bid", course.quote->bid);
        json.member("ask", course.quote->ask);
        json.close('}');
    }
    json.close(']');
}

void write_legs(JsonWriter& json, const std::vector<Used>& courses, TimePoint now) {
    json.key("legs");
    json.open('[');
    for (const auto& [course, inverted] : courses) {
        for (auto leg : course.quote->legs) {
            leg.inverted = leg.inverted != inverted;
            json.open('{');
            write_members(json, leg, now);
            json.close('}');
        }
    }
    json.close(']');
}

std::string text_of(const std::optional<Rate>& amount) {
    return amount ? to_string(*amount) : "0";
}

}  // namespace

Parsed<ConversionQuery> parse_conversion_query(const MarketMap& map, std::string_view raw) {
    const auto given = OnceParameters::parse(raw, {"from", "to", "amount", "side", "exchanger", "max_age"});
    if (!given) return given.error();
    for (const auto* const name : {"from", "to", "amount"}) {
        if (!given->find(name))
            return "The parameter " + std::string(name) + " is missing. Give from, to and amount.";
    }
    const auto from = upper(*given->find("from"));
    if (!map.has_asset(from)) return unknown_asset(map, *given->find("from"));
    const auto to = upper(*given->find("to"));
    if (!map.has_asset(to)) return unknown_asset(map, *given->find("to"));
    if (from == to) return "The parameters from and to are both " + to + ". Give two different assets.";
    const auto amount = read_amount(*given->find("amount"));
    if (!amount) return amount.error();
    const auto side = read_if(given->find("side"), read_side);
    if (!side) return side.error();
    const auto venue =
        read_if(given->find("exchanger"), [&](const auto& text) { return read_exchanger(map, text); });
    if (!venue) return venue.error();
    const auto max_age = read_if(given->find("max_age"), read_max_age);
    if (!max_age) return max_age.error();
    if (conversion_path(map, std::nullopt, from, to).empty()) {
        return "No direction and no two directions with a common asset lead from " + from + " to " + to +
               ". Served: " + served_directions(map) + ".";
    }
    return ConversionQuery{from, to, *amount, side->value_or(Side::sell), *venue, *max_age};
}

boost::system::result<std::string, Problem> render_conversion(const Board& board,
                                                              const ConversionQuery& query, TimePoint now) {
    const auto& map = board.map();
    const auto venue = query.venue ? query.venue : board.active();
    auto path = conversion_path(map, venue, query.from, query.to);
    // The courses of another exchanger's path are unavailable here, with the reason.
    if (path.empty()) path = conversion_path(map, std::nullopt, query.from, query.to);
    std::vector<Used> courses;
    for (const auto& step : path)
        courses.push_back({view_course(board, venue, step.direction, query.max_age, now), step.inverted});
    if (auto problem = explain_not_fresh(board, venue, query, path, courses, now)) return *std::move(problem);

    const auto conversion = convert(query.amount, query.side, factors_of(courses), map.places_of(query.to));
    if (!conversion) {
        return Problem{400,
                       "The result or the rate exceeds 340282366920938463463. Give a smaller amount, or "
                       "convert in the other direction."};
    }
    auto observed_at = TimePoint::max(), fresh_until = TimePoint::max();
    for (const auto& [course, inverted] : courses) {
        observed_at = std::min(observed_at, course.quote->observed_at);
        fresh_until = std::min(fresh_until, course.quote->fresh_until);
    }
    JsonWriter json(usual_conversion_size);
    json.open('{');
    json.member("version", board.version());
    json.member("exchanger", map.name(venue.value()));
    json.member("as_of", now);
    json.member("from", query.from);
    json.member("to", query.to);
    json.member("side", query.side == Side::sell ? "sell" : "buy");
    json.member("amount", query.amount);
    json.member("result", text_of(conversion->result));
    json.member("rate", text_of(conversion->rate));
    json.member("observed_at", observed_at);
    json.member("age_ms", std::max(now - observed_at, Duration{0}).count());
    json.member("fresh_until", fresh_until);
    write_courses(json, courses);
    write_legs(json, courses, now);
    json.close('}');
    return json.take();
}

}  // namespace kurs::api::v2
