#include "api/contract_v1.hpp"
#include "api/contract_v2.hpp"
#include "api/endpoints/endpoints.hpp"

namespace kurs::api {
namespace {

/// 200 if any course is fresh, else a 503 with the same members. Not cached: ages change every millisecond.
Response write_document(const ResponseWriter& writer, const Board& board, const CoursesQuery& query,
                        v2::CoursesDocument document) {
    if (document.has_fresh) return writer.write_json(200, no_store, "{" + document.members + "}");
    const auto venue = query.venue ? query.venue : board.active();
    auto problem = explain_no_courses(board.map(), venue, query);
    problem.members = std::move(document.members);
    return writer.write(problem);
}

}  // namespace

Answer GetCoursesV1::operator()(const Call& call, TimePoint now) const {
    const auto found = cache->find(call.query, now);
    if (!found) return Problem{400, found.error()};
    return (*found)->view(call.request.if_none_match);
}

Answer GetCourses::operator()(const Call& call, TimePoint now) const {
    const auto query = parse_courses_query(board.map(), call.query);
    if (!query) return Problem{400, query.error()};
    if (query->venue) on_requested(*query->venue, now);
    return write_document(writer, board, *query, v2::render_courses(board, *query, now));
}

Answer GetCourse::operator()(const Call& call, TimePoint now) const {
    const auto query = v2::parse_course_query(board.map(), call.parameter, call.query, now);
    if (!query) return Problem{400, query.error()};
    if (query->at)
        return HistoryLookup{CourseQuestion{query->venue, query->direction, *query->at}, query->max_age};
    if (query->venue) on_requested(*query->venue, now);
    const CoursesQuery same{query->venue, {query->direction}, query->max_age};
    return write_document(writer, board, same, v2::render_course(board, *query, now));
}

Answer GetConversion::operator()(const Call& call, TimePoint now) const {
    const auto query = v2::parse_conversion_query(board.map(), call.query);
    if (!query) return Problem{400, query.error()};
    if (query->venue) on_requested(*query->venue, now);
    auto document = v2::render_conversion(board, *query, now);
    if (!document) return document.error();
    return writer.write_json(200, no_store, *std::move(document));
}

Answer GetExplanation::operator()(const Call& call, TimePoint now) const {
    const auto query = v2::parse_explanation_query(board.map(), call.parameter, call.query, now);
    if (!query) return Problem{400, query.error()};
    if (query->at) return HistoryLookup{ExplanationQuestion{query->direction, *query->at}};
    const auto report = pricing ? pricing() : std::nullopt;
    return writer.write_json(200, no_store,
                             v2::render_explanation(board, failovers, report, query->direction, now));
}

Answer GetExchangers::operator()(const Call& call, TimePoint now) const {
    if (!call.query.empty()) return Problem{400, "This path takes no parameters. Remove the query string."};
    return writer.write_json(200, no_store, v2::render_exchangers(board, feeds(), failovers, now));
}

}  // namespace kurs::api
