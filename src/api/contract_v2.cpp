#include "api/contract_v2.hpp"

#include <algorithm>

#include "api/course_view.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_course_size = 1024;

/// The exchangers' parts are those of now; the quote may be some milliseconds older.
CourseView view_consensus(const Board& board, const Quote* quote, DirectionId direction,
                          std::optional<Duration> max_age, TimePoint now) {
    const auto& map = board.map();
    const std::string_view name = map.direction(direction).text();
    std::vector<const Quote*> quotes(map.venues.size());
    for (const VenueId venue : map.exchangers) quotes[index(venue)] = board.find(venue, direction);
    auto course =
        quote ? judge(name, make_view(map, *quote), max_age, now)
              : unavailable(name, "Fewer than two exchangers have a fresh rate that is not disputed.");
    course.consensus = make_view(map, find_consensus(map, direction, quotes, now), quote);
    return course;
}

}  // namespace

CourseView view_course(const Board& board, std::optional<VenueId> venue, DirectionId direction,
                       std::optional<Duration> max_age, TimePoint now) {
    const auto& map = board.map();
    const std::string_view name = map.direction(direction).text();
    if (!venue) return unavailable(name, "No exchanger has served a fresh course yet.");
    if (!map.find_route(*venue, direction)) {
        return unavailable(name, "The market map has no route for it at " + map.name(*venue) + ".");
    }
    const Quote* const quote = board.find(*venue, direction);
    if (venue == map.consensus) return view_consensus(board, quote, direction, max_age, now);
    if (!quote) {
        return unavailable(name, "The prices of some of its legs at " + map.name(*venue) + " are not known.");
    }
    return judge(name, make_view(map, *quote), max_age, now);
}

namespace {

JsonWriter begin_document(const Board& board, std::optional<VenueId> venue, TimePoint now,
                          std::size_t courses) {
    JsonWriter json(256 + courses * usual_course_size);
    json.member("version", board.version());
    json.member("exchanger", venue ? std::optional(board.map().name(*venue)) : std::nullopt);
    json.member("as_of", now);
    return json;
}

/// A moment in the past.
Parsed<std::optional<TimePoint>> read_at(const OnceParameters& given, TimePoint now) {
    auto at = read_if(given.find("at"), [](const auto& text) { return read_moment("at", text); });
    if (!at || !*at || **at <= now) return at;
    return "The parameter at is in the future: the server time is " + to_rfc3339(now) +
           ". Give a time in the past, or omit it for the present.";
}

}  // namespace

Parsed<DirectionId> parse_direction_segment(const MarketMap& map, std::string_view raw) {
    const auto text = decode_segment(raw);
    // A segment that cannot be decoded is reported as received: it names no direction either.
    return read_direction(map, text ? std::string_view(*text) : raw);
}

Parsed<CourseQuery> parse_course_query(const MarketMap& map, std::string_view segment, std::string_view raw,
                                       TimePoint now) {
    const auto direction = parse_direction_segment(map, segment);
    if (!direction) return direction.error();
    const auto given = OnceParameters::parse(raw, {"exchanger", "max_age", "at"});
    if (!given) return given.error();
    const auto venue =
        read_if(given->find("exchanger"), [&](const auto& text) { return read_exchanger(map, text); });
    if (!venue) return venue.error();
    const auto max_age = read_if(given->find("max_age"), read_max_age);
    if (!max_age) return max_age.error();
    const auto at = read_at(*given, now);
    if (!at) return at.error();
    return CourseQuery{*direction, *venue, *max_age, *at};
}

Parsed<ExplanationQuery> parse_explanation_query(const MarketMap& map, std::string_view segment,
                                                 std::string_view raw, TimePoint now) {
    const auto direction = parse_direction_segment(map, segment);
    if (!direction) return direction.error();
    const auto given = OnceParameters::parse(raw, {"at"});
    if (!given) return given.error();
    const auto at = read_at(*given, now);
    if (!at) return at.error();
    return ExplanationQuery{*direction, *at};
}

CoursesDocument render_courses(const Board& board, const CoursesQuery& query, TimePoint now) {
    const auto venue = query.venue ? query.venue : board.active();
    const auto& map = board.map();
    CoursesDocument document;
    const auto count = query.directions.empty() ? map.directions.size() : query.directions.size();
    auto json = begin_document(board, venue, now, count);
    json.key("courses");
    json.open('[');
    for (std::size_t i = 0; i < count; ++i) {
        const auto direction = query.directions.empty() ? static_cast<DirectionId>(i) : query.directions[i];
        const auto course = view_course(board, venue, direction, query.max_age, now);
        document.has_fresh = document.has_fresh || course.state == CourseState::fresh;
        write(json, course, now);
    }
    json.close(']');
    document.members = json.take();
    return document;
}

CoursesDocument render_course(const Board& board, const CourseQuery& query, TimePoint now) {
    const auto venue = query.venue ? query.venue : board.active();
    auto json = begin_document(board, venue, now, 1);
    const auto course = view_course(board, venue, query.direction, query.max_age, now);
    json.key("course");
    write(json, course, now);
    return {json.take(), course.state == CourseState::fresh};
}

std::string render_view(const Board& board, std::optional<VenueId> venue, TimePoint now) {
    return begin_document(board, venue, now, 0).take();
}

}  // namespace kurs::api::v2
