#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kurs/domain/market_map.hpp"

// Queries of history and their results. Results contain names of venues and symbols rather than ids, since
// the records may be older than the market map.
namespace kurs {

enum class CandleInterval : std::uint8_t { second, minute, five_minutes, quarter_hour, hour, day };

/// "1s", "1m", "5m", "15m", "1h" or "1d". A day begins at midnight UTC.
std::string_view to_string(CandleInterval interval);
result<CandleInterval> parse_candle_interval(std::string_view text);
Duration length(CandleInterval interval);

/// The beginning of the interval that contains `time`.
TimePoint start_of(CandleInterval interval, TimePoint time);

/// The values of one venue and direction over an interval, with at most one value per second.
struct Candle {
    TimePoint start{};
    Rate open;
    Rate high;
    Rate low;
    Rate close;
    std::uint32_t count = 0;  ///< number of seconds that have a value
};

/// Candles that begin in [from, to), oldest first, at most `limit`.
struct CandlesQuestion {
    VenueId venue{};
    DirectionId direction{};
    CandleInterval interval{};
    TimePoint from{};  ///< aligned to an interval
    TimePoint to{};
    std::size_t limit = 0;
};

struct CandlePage {
    std::vector<Candle> candles;    ///< intervals without records have no candle
    std::optional<TimePoint> next;  ///< start of the next page, if there are more candles before `to`
};

/// A query for the rate served at a moment, by `venue` or by the exchanger that was active then.
struct CourseQuestion {
    std::optional<VenueId> venue;
    DirectionId direction{};
    TimePoint at{};
};

/// A query for what every venue quoted at a moment, and which one was active then.
struct ExplanationQuestion {
    DirectionId direction{};
    TimePoint at{};
};

struct RecordedLeg {
    std::string venue;
    std::string symbol;
    bool inverted = false;
    Rate bid;  ///< the symbol's price, not inverted
    Rate ask;
    TimePoint observed_at{};
};

struct RecordedQuote {
    std::string venue;
    std::string direction;
    Rate bid;
    Rate value;
    Rate ask;
    TimePoint observed_at{};
    TimePoint fresh_until{};
    std::vector<RecordedLeg> legs;
};

struct RecordedCourse {
    std::optional<std::string> venue;    ///< the requested venue, or the one active then, if any
    std::optional<RecordedQuote> quote;  ///< its newest quote at that moment, if any; may be stale
};

/// The active venue since `at`; none: the service had stopped.
struct ActiveChange {
    TimePoint at{};
    std::optional<std::string> venue;
    std::string reason;

    friend bool operator==(const ActiveChange&, const ActiveChange&) = default;
};

struct RecordedExplanation {
    std::optional<ActiveChange> active;  ///< the last change until then
    std::vector<RecordedQuote> quotes;   ///< the newest of each venue at that moment; may be stale
};

/// Why a write or a query of history failed.
enum class HistoryFailure : std::uint8_t {
    not_kept,         ///< no database is configured
    away,             ///< the database is unreachable
    unfit,            ///< the database is unusable for this build; retrying does not help
    rejected,         ///< the database rejects these rows; it may accept others
    overdue,          ///< timeout
    busy,             ///< too many concurrent queries
    not_written_yet,  ///< the requested moment has not been written yet
};

std::string_view to_string(HistoryFailure failure);

/// Called by HistoryAnswer::value() on a failure. Reading the value of a failed result is a bug.
[[noreturn]] void throw_exception_from_error(HistoryFailure failure, const boost::source_location& where);

using HistoryQuestion = std::variant<CandlesQuestion, CourseQuestion, ExplanationQuestion>;
using HistoryFinding = std::variant<CandlePage, RecordedCourse, RecordedExplanation>;
using HistoryAnswer = boost::system::result<HistoryFinding, HistoryFailure>;

}  // namespace kurs
