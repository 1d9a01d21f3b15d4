#include "kurs/http/history_contract.hpp"

#include "http/course_view.hpp"

namespace kurs::http::v2 {
namespace {

constexpr std::size_t usual_candle_size = 192;

void write(JsonWriter& json, const Candle& candle) {
    json.open('{');
    json.member("time", candle.start);
    json.member("open", candle.open);
    json.member("high", candle.high);
    json.member("low", candle.low);
    json.member("close", candle.close);
    json.member("count", candle.count);
    json.close('}');
}

CourseView view_recorded(std::string_view direction, std::optional<Duration> max_age, TimePoint at,
                         const RecordedCourse& recorded) {
    if (!recorded.venue) return unavailable(direction, "No exchanger was active then.");
    if (recorded.quote) return judge(direction, make_view(*recorded.quote), max_age, at);
    return unavailable(direction, "Nothing was recorded of it at " + *recorded.venue +
                                      " by then, or it is not kept any more.");
}

}  // namespace

std::string render_candles(const MarketMap& map, const CandlesQuestion& question, const CandlePage& page) {
    JsonWriter json(512 + page.candles.size() * usual_candle_size);
    json.open('{');
    json.member("direction", map.direction(question.direction).text());
    json.member("exchanger", map.name(question.venue));
    json.member("interval", to_string(question.interval));
    json.member("from", question.from);
    json.member("to", question.to);
    json.key("candles");
    json.open('[');
    for (const auto& candle : page.candles) write(json, candle);
    json.close(']');
    json.member("next", next_target(map, question, page));
    json.close('}');
    return json.take();
}

std::string render_candles_csv(const CandlePage& page) {
    std::string csv;
    csv.reserve(64 + page.candles.size() * usual_candle_size / 2);
    csv += "time,open,high,low,close,count\r\n";
    for (const auto& candle : page.candles) {
        csv += to_rfc3339(candle.start);
        for (const Rate rate : {candle.open, candle.high, candle.low, candle.close}) {
            csv.append(",").append(to_string(rate));
        }
        csv.append(",").append(std::to_string(candle.count)).append("\r\n");
    }
    return csv;
}

std::optional<std::string> next_target(const MarketMap& map, const CandlesQuestion& question,
                                       const CandlePage& page) {
    if (!page.next) return std::nullopt;
    std::string target(history_path);
    target.append(map.direction(question.direction).text());
    target.append("?from=").append(to_rfc3339(*page.next));
    target.append("&to=").append(to_rfc3339(question.to));
    target.append("&interval=").append(to_string(question.interval));
    target.append("&exchanger=").append(map.name(question.venue));
    target.append("&limit=").append(std::to_string(question.limit));
    return target;
}

std::string render_recorded(const MarketMap& map, const CourseQuestion& question,
                            std::optional<Duration> max_age, const RecordedCourse& recorded) {
    JsonWriter json(2048);
    json.open('{');
    json.member("at", question.at);
    json.member("exchanger", recorded.venue);
    json.key("course");
    const auto& direction = map.direction(question.direction).text();
    http::write(json, view_recorded(direction, max_age, question.at, recorded), question.at);
    json.close('}');
    return json.take();
}

Problem explain(HistoryFailure failure, const HistoryQuestion& question) {
    const bool has_range = std::holds_alternative<CandlesQuestion>(question);
    switch (failure) {
        case HistoryFailure::not_kept:
            return {503, "This service keeps no history: it runs without a database."};
        case HistoryFailure::overdue:
            return {503,
                    std::string("History took longer to answer than it may. ") +
                        (has_range ? "Ask for a shorter range." : "Ask again in a second."),
                    "Retry-After: 1\r\n"};
        case HistoryFailure::busy:
            return {503, "History is asked too much at once. Ask again in a second.", "Retry-After: 1\r\n"};
        case HistoryFailure::not_written_yet:
            return {503, "What was served at that moment is not written yet. Ask again in a second.",
                    "Retry-After: 1\r\n"};
        default:
            return {503, "History cannot be reached at the moment; courses are served without it.",
                    "Retry-After: 5\r\n"};
    }
}

}  // namespace kurs::http::v2
