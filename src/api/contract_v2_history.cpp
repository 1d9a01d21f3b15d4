#include <algorithm>

#include "api/contract_v2.hpp"
#include "api/course_view.hpp"
#include "kurs/domain/time_text.hpp"

namespace kurs::api::v2 {
namespace {

constexpr std::size_t usual_candle_size = 192;
constexpr std::size_t usual_limit = 500;
constexpr std::int64_t largest_limit = 1500;
constexpr Duration furthest_ahead = std::chrono::hours(24);

Parsed<CandleInterval> read_interval(std::string_view text) {
    const auto interval = parse_candle_interval(text);
    if (!interval) return "Unknown interval " + quoted(text) + ". Allowed: 1s, 1m, 5m, 15m, 1h, 1d.";
    return *interval;
}

/// The start of the newest `limit` intervals before `end`; the last of them may have just begun.
TimePoint newest_before(TimePoint end, CandleInterval interval, std::size_t limit) {
    const auto last = start_of(interval, end - Duration{1});
    return std::max(earliest_moment, last - (static_cast<std::int64_t>(limit) - 1) * length(interval));
}

/// Why the times are inconsistent; empty if they are not.
std::optional<std::string> find_fault(std::optional<TimePoint> from, TimePoint to, TimePoint now) {
    if (to > now + furthest_ahead) {
        return "The parameter to is more than a day in the future: the server time is " + to_rfc3339(now) +
               ". Give an earlier time, or omit it for the present.";
    }
    if (from && *from >= now) {
        return "The parameter from is in the future: the server time is " + to_rfc3339(now) +
               ". Give a time in the past.";
    }
    if (from && *from >= to) {
        return "The parameter from must be before to, and " + to_rfc3339(*from) + " is not before " +
               to_rfc3339(to) + ".";
    }
    return std::nullopt;
}

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

}  // namespace

CourseView view_recorded(std::string_view direction, std::optional<Duration> max_age, TimePoint at,
                         const RecordedCourse& recorded) {
    if (!recorded.venue) return unavailable(direction, "No exchanger was active then.");
    if (recorded.quote) return judge(direction, make_view(*recorded.quote), max_age, at);
    return unavailable(
        direction, "No quote at " + *recorded.venue + " is recorded for that time, or it has been deleted.");
}

Parsed<CandlesQuestion> parse_candles_query(const MarketMap& map, std::string_view segment,
                                            std::string_view raw, TimePoint now) {
    const auto direction = parse_direction_segment(map, segment);
    if (!direction) return direction.error();
    const auto given = OnceParameters::parse(raw, {"from", "to", "interval", "exchanger", "limit"});
    if (!given) return given.error();
    const auto from =
        read_if(given->find("from"), [](const auto& text) { return read_moment("from", text); });
    if (!from) return from.error();
    const auto to = read_if(given->find("to"), [](const auto& text) { return read_moment("to", text); });
    if (!to) return to.error();
    const auto interval = read_if(given->find("interval"), read_interval);
    if (!interval) return interval.error();
    const auto venue =
        read_if(given->find("exchanger"), [&](const auto& text) { return read_exchanger(map, text); });
    if (!venue) return venue.error();
    const auto limit = read_if(given->find("limit"),
                               [](const auto& text) { return read_number("limit", text, 1, largest_limit); });
    if (!limit) return limit.error();

    CandlesQuestion question;
    question.venue = venue->value_or(map.exchangers.front());
    question.direction = *direction;
    question.interval = interval->value_or(CandleInterval::minute);
    question.to = to->value_or(now);
    question.limit = *limit ? static_cast<std::size_t>(**limit) : usual_limit;
    if (auto fault = find_fault(*from, question.to, now)) return *std::move(fault);
    question.from = *from ? start_of(question.interval, **from)
                          : newest_before(std::min(question.to, now), question.interval, question.limit);
    return question;
}

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
                                       const CandlePage& page, bool is_csv) {
    if (!page.next) return std::nullopt;
    std::string target(history_path);
    target.append(map.direction(question.direction).text());
    if (is_csv) target.append(candles_csv_path.substr(candles_csv_path.rfind('/')));
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
    api::write(json, view_recorded(direction, max_age, question.at, recorded), question.at);
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
                    std::string("The history query timed out. ") +
                        (has_range ? "Request a shorter range." : "Retry in a second."),
                    "Retry-After: 1\r\n"};
        case HistoryFailure::busy:
            return {503, "Too many history queries are running. Retry in a second.", "Retry-After: 1\r\n"};
        case HistoryFailure::not_written_yet:
            return {503, "The data for that time is not written yet. Retry in a second.",
                    "Retry-After: 1\r\n"};
        default:
            return {503, "History is temporarily unavailable. Courses are still served.",
                    "Retry-After: 5\r\n"};
    }
}

}  // namespace kurs::api::v2
