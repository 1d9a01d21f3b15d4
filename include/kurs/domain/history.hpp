#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kurs/domain/market_map.hpp"

// What is asked of history, and what it answers. Answers name venues and symbols, since what was recorded may
// be older than the market map.
namespace kurs {

enum class CandleInterval : std::uint8_t { second, minute, five_minutes, quarter_hour, hour, day };

/// "1s", "1m", "5m", "15m", "1h" or "1d". A day begins at midnight UTC.
std::string_view to_string(CandleInterval interval);
result<CandleInterval> parse_candle_interval(std::string_view text);
Duration length(CandleInterval interval);

/// The values of one venue and direction over an interval, a value a second at most.
struct Candle {
    TimePoint start{};
    Rate open;
    Rate high;
    Rate low;
    Rate close;
    std::uint32_t count = 0;  ///< of the seconds that have a value
};

/// Candles that begin in [from, to), oldest first, at most `limit`.
struct CandlesQuestion {
    VenueId venue{};
    DirectionId direction{};
    CandleInterval interval{};
    TimePoint from{};  ///< at the beginning of an interval
    TimePoint to{};
    std::size_t limit = 0;
};

struct CandlePage {
    std::vector<Candle> candles;    ///< where nothing was recorded there is none
    std::optional<TimePoint> next;  ///< where the next page begins, if there is more before `to`
};

/// A course as it was served at a moment: by `venue`, or by the exchanger that was active then.
struct CourseQuestion {
    std::optional<VenueId> venue;
    DirectionId direction{};
    TimePoint at{};
};

struct RecordedLeg {
    std::string venue;
    std::string symbol;
    bool inverted = false;
    Rate bid;  ///< the symbol's own, not inverted
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
    std::optional<std::string> venue;    ///< that was asked for or active then, if any was
    std::optional<RecordedQuote> quote;  ///< its newest at that moment, if it had one; maybe stale by then
};

/// From `at` on, `venue` was the active one; empty: none, as the service had stopped.
struct ActiveChange {
    TimePoint at{};
    std::string venue;
    std::string reason;

    friend bool operator==(const ActiveChange&, const ActiveChange&) = default;
};

/// Why history does not answer.
enum class HistoryFailure : std::uint8_t {
    not_kept,         ///< no database is set
    away,             ///< the database cannot be reached, or does not fit this build
    overdue,          ///< no answer within the limit
    busy,             ///< too many questions at once
    not_written_yet,  ///< what was asked is still on its way to the database
};

using HistoryQuestion = std::variant<CandlesQuestion, CourseQuestion>;
using HistoryAnswer = std::variant<CandlePage, RecordedCourse, HistoryFailure>;

}  // namespace kurs
