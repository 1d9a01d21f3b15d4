#include <algorithm>

#include "http/parameters.hpp"
#include "kurs/domain/time_text.hpp"
#include "kurs/http/contract_v2.hpp"
#include "kurs/http/history_contract.hpp"

namespace kurs::http::v2 {
namespace {

constexpr std::size_t usual_limit = 500;
constexpr std::int64_t largest_limit = 1500;
constexpr Duration furthest_ahead = std::chrono::hours(24);

Parsed<CandleInterval> read_interval(std::string_view text) {
    const auto interval = parse_candle_interval(text);
    if (!interval) return "Unknown interval " + quoted(text) + ". Allowed: 1s, 1m, 5m, 15m, 1h, 1d.";
    return *interval;
}

TimePoint aligned_down(TimePoint time, Duration interval) {
    return time - time.time_since_epoch() % interval;
}

/// Where the newest `limit` intervals before `end` begin; the last of them may have just begun.
TimePoint newest_before(TimePoint end, Duration interval, std::size_t limit) {
    const auto last = aligned_down(end - Duration{1}, interval);
    return std::max(earliest_moment, last - (static_cast<std::int64_t>(limit) - 1) * interval);
}

/// Why the times do not fit together, if they do not.
std::optional<std::string> find_fault(std::optional<TimePoint> from, TimePoint to, TimePoint now) {
    if (to > now + furthest_ahead) {
        return "The parameter to lies more than a day in the future: here it is " + to_rfc3339(now) +
               ". Give an earlier time, or leave it out for the present.";
    }
    if (from && *from >= now) {
        return "The parameter from lies in the future: here it is " + to_rfc3339(now) +
               ". Give a time that has passed.";
    }
    if (from && *from >= to) {
        return "The parameter from must lie before to, and " + to_rfc3339(*from) + " does not lie before " +
               to_rfc3339(to) + ".";
    }
    return std::nullopt;
}

}  // namespace

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
    const auto step = length(question.interval);
    question.from =
        *from ? aligned_down(**from, step) : newest_before(std::min(question.to, now), step, question.limit);
    return question;
}

}  // namespace kurs::http::v2
