#include "kurs/domain/history.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace kurs {
namespace {

using namespace std::chrono_literals;

struct IntervalText {
    CandleInterval interval;
    std::string_view text;
    Duration length;
};

constexpr std::array<IntervalText, 6> intervals{{
    {CandleInterval::second, "1s", 1s},
    {CandleInterval::minute, "1m", 1min},
    {CandleInterval::five_minutes, "5m", 5min},
    {CandleInterval::quarter_hour, "15m", 15min},
    {CandleInterval::hour, "1h", 1h},
    {CandleInterval::day, "1d", 24h},
}};

const IntervalText& entry(CandleInterval interval) {
    return intervals[static_cast<std::size_t>(interval)];
}

}  // namespace

std::string_view to_string(CandleInterval interval) {
    return entry(interval).text;
}

Duration length(CandleInterval interval) {
    return entry(interval).length;
}

TimePoint start_of(CandleInterval interval, TimePoint time) {
    return time - time.time_since_epoch() % length(interval);
}

result<CandleInterval> parse_candle_interval(std::string_view text) {
    const auto found = std::ranges::find(intervals, text, &IntervalText::text);
    if (found == intervals.end()) return errc::malformed;
    return found->interval;
}

std::string_view to_string(HistoryFailure failure) {
    switch (failure) {
        case HistoryFailure::not_kept: return "not kept";
        case HistoryFailure::away: return "away";
        case HistoryFailure::unfit: return "unfit";
        case HistoryFailure::rejected: return "rejected";
        case HistoryFailure::overdue: return "overdue";
        case HistoryFailure::busy: return "busy";
        case HistoryFailure::not_written_yet: return "not written yet";
    }
    return "unknown";
}

void throw_exception_from_error(HistoryFailure failure, const boost::source_location& where) {
    throw std::logic_error("unchecked history failure '" + std::string(to_string(failure)) + "' at " +
                           where.to_string());
}

}  // namespace kurs
