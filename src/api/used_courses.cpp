#include "api/used_courses.hpp"

#include <algorithm>

#include "api/contract_v1.hpp"
#include "api/contract_v2.hpp"

namespace kurs::api::v2 {
namespace {

constexpr u128 first_too_large = u128{1'000'000'000'000'000} * 1'000'000'000'000'000'000;  // 1e15

/// Prices are exact in the legs, and truncated in the quote. The consensus has no legs: its quote is exact.
std::vector<ConversionFactor> factors_of(const std::vector<UsedCourse>& courses) {
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
                                         const std::vector<ConversionStep>& path,
                                         const std::vector<UsedCourse>& courses, const CoursesQuery& asked,
                                         TimePoint now) {
    CoursesQuery lacking{asked.venue, {}, asked.max_age};
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

}  // namespace

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

std::string_view to_string(Side side) {
    return side == Side::sell ? "sell" : "buy";
}

boost::system::result<UsedCourses, Problem> UsedCourses::find(const Board& board,
                                                              std::optional<VenueId> venue,
                                                              const std::vector<ConversionStep>& path,
                                                              const CoursesQuery& asked, TimePoint now) {
    std::vector<UsedCourse> courses;
    for (const auto& step : path)
        courses.push_back({view_course(board, venue, step.direction, asked.max_age, now), step.inverted});
    if (auto problem = explain_not_fresh(board, venue, path, courses, asked, now)) return *std::move(problem);
    return UsedCourses(std::move(courses));
}

result<Conversion> UsedCourses::convert(Rate amount, Side side, int places) const {
    return kurs::convert(amount, side, factors_of(courses_), places);
}

TimePoint UsedCourses::observed_at() const {
    auto oldest = TimePoint::max();
    for (const auto& used : courses_) oldest = std::min(oldest, used.course.quote->observed_at);
    return oldest;
}

TimePoint UsedCourses::fresh_until() const {
    auto first = TimePoint::max();
    for (const auto& used : courses_) first = std::min(first, used.course.quote->fresh_until);
    return first;
}

void UsedCourses::write(JsonWriter& json, TimePoint now) const {
    json.key("courses");
    json.open('[');
    for (const auto& [course, inverted] : courses_) {
        json.open('{');
        json.member("direction", course.direction);
        json.member("inverted", inverted);
        json.member("bid", course.quote->bid);
        json.member("ask", course.quote->ask);
        json.close('}');
    }
    json.close(']');
    json.key("legs");
    json.open('[');
    for (const auto& [course, inverted] : courses_) {
        for (auto leg : course.quote->legs) {
            leg.inverted = leg.inverted != inverted;
            json.open('{');
            write_members(json, leg, now);
            json.close('}');
        }
    }
    json.close(']');
}

std::vector<ConversionStep> path_at(const MarketMap& map, std::optional<VenueId> venue, std::string_view from,
                                    std::string_view to) {
    auto path = conversion_path(map, venue, from, to);
    return path.empty() && venue ? conversion_path(map, std::nullopt, from, to) : path;
}

std::string no_path(const MarketMap& map, std::string_view from, std::string_view to) {
    return "No direction and no two directions with a common asset lead from " + std::string(from) + " to " +
           std::string(to) + ". Served: " + served_directions(map) + ".";
}

}  // namespace kurs::api::v2
