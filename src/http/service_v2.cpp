// Version 2: what is known of the present, and what history is asked.
#include "kurs/http/accept.hpp"
#include "kurs/http/contract_v2.hpp"
#include "kurs/http/history_contract.hpp"
#include "kurs/http/service.hpp"

namespace kurs::http {
namespace {

constexpr std::string_view json = "Content-Type: application/json\r\n";
constexpr std::string_view csv = "Content-Type: text/csv; charset=utf-8; header=present\r\n";
constexpr std::string_view never_kept =
    "Cache-Control: no-store\r\n";  ///< ages change with every millisecond

std::string headers(std::initializer_list<std::string_view> lines) {
    std::string all;
    for (const auto line : lines) all += line;
    return all;
}

/// 200 if anything is fresh, else a 503 that shows the same.
Answer write_document(const AnswerWriter& writer, const Board& board, const CoursesQuery& query,
                      v2::CoursesDocument document) {
    if (document.has_fresh)
        return writer.write(200, headers({json, never_kept}), "{" + document.members + "}");
    const auto venue = query.venue ? query.venue : board.active();
    auto problem = explain_no_courses(board.map(), venue, query);
    problem.members = std::move(document.members);
    return writer.write(problem);
}

}  // namespace

ServiceAnswer Service::get_courses_v2(const Asked& asked, TimePoint now) {
    const auto& board = sources_.board;
    const auto query = parse_courses_query(board.map(), asked.query);
    if (!query) return refuse({400, query.error()});
    if (query->venue) sources_.on_pinned(*query->venue, now);
    return keep(write_document(writer_, board, *query, v2::render_courses(board, *query, now)));
}

ServiceAnswer Service::get_course(const Asked& asked, TimePoint now) {
    const auto& board = sources_.board;
    const auto query = v2::parse_course_query(board.map(), asked.parameter, asked.query, now);
    if (!query) return refuse({400, query.error()});
    if (query->at) {
        return PendingAnswer{CourseQuestion{query->venue, query->direction, *query->at}, query->max_age};
    }
    if (query->venue) sources_.on_pinned(*query->venue, now);
    const CoursesQuery same{query->venue, {query->direction}, query->max_age};
    return keep(write_document(writer_, board, same, v2::render_course(board, *query, now)));
}

ServiceAnswer Service::get_candles(const Asked& asked, TimePoint now) {
    const auto question = v2::parse_candles_query(sources_.board.map(), asked.parameter, asked.query, now);
    if (!question) return refuse({400, question.error()});
    PendingAnswer pending{*question};
    pending.is_csv = prefers_csv(asked.request.accept);
    return pending;
}

ServiceAnswer Service::get_exchangers(const Asked& asked, TimePoint now) {
    if (!asked.query.empty())
        return refuse({400, "This path takes no parameters. Leave out what follows the ?."});
    auto body = v2::render_exchangers(sources_.board, sources_.lines(), sources_.journal, now);
    return keep(writer_.write(200, headers({json, never_kept}), std::move(body)));
}

Reply Service::answer(const PendingAnswer& pending, const HistoryAnswer& history) {
    Reply reply;
    if (const auto* const failure = std::get_if<HistoryFailure>(&history)) {
        reply = refuse(v2::explain(*failure, pending.question));
    } else if (const auto* const question = std::get_if<CandlesQuestion>(&pending.question)) {
        reply = show_candles(pending, *question, std::get<CandlePage>(history));
    } else {
        auto body = v2::render_recorded(sources_.board.map(), std::get<CourseQuestion>(pending.question),
                                        pending.max_age, std::get<RecordedCourse>(history));
        reply = keep(writer_.write(200, headers({json, asked_each_time}), std::move(body)));
    }
    if (pending.is_head) reply.body = {};
    reply.route = pending.route;
    return reply;
}

Reply Service::show_candles(const PendingAnswer& pending, const CandlesQuestion& question,
                            const CandlePage& page) {
    const auto& map = sources_.board.map();
    auto lines = headers({pending.is_csv ? csv : json, asked_each_time, "Vary: Accept\r\n"});
    if (const auto next = v2::next_target(map, question, page)) {
        lines += "Link: <" + *next + ">; rel=\"next\"\r\n";
        if (has_cors_) lines += "Access-Control-Expose-Headers: Link\r\n";
    }
    auto body = pending.is_csv ? v2::render_candles_csv(page) : v2::render_candles(map, question, page);
    return keep(writer_.write(200, lines, std::move(body)));
}

}  // namespace kurs::http
