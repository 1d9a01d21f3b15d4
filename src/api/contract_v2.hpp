#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/parameters.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/api/sources.hpp"

// The public contract, version 2. It shows what version 1 hides.
namespace kurs::api::v2 {

inline constexpr std::string_view courses_path = "/api/v2/courses";
inline constexpr std::string_view course_path = "/api/v2/courses/";   ///< before a direction
inline constexpr std::string_view history_path = "/api/v2/history/";  ///< before a direction
inline constexpr std::string_view exchangers_path = "/api/v2/exchangers";
inline constexpr std::string_view stream_path = "/api/v2/stream";
inline constexpr std::string_view web_socket_path = "/api/v2/ws";

/// A request for one direction.
struct CourseQuery {
    DirectionId direction{};
    std::optional<VenueId> venue;
    std::optional<Duration> max_age;
    std::optional<TimePoint> at;  ///< in the past; none: now
};

/// Parses the direction in the path, and the query.
Parsed<DirectionId> parse_direction_segment(const MarketMap& map, std::string_view raw);
Parsed<CourseQuery> parse_course_query(const MarketMap& map, std::string_view segment, std::string_view raw,
                                       TimePoint now);

/// The members of a document, without its braces: 200 and 503 share them.
struct CoursesDocument {
    std::string members;
    bool has_fresh = false;
};

/// All requested directions in any state, for the requested or active exchanger.
CoursesDocument render_courses(const Board& board, const CoursesQuery& query, TimePoint now);

/// The same for one direction.
CoursesDocument render_course(const Board& board, const CourseQuery& query, TimePoint now);

/// The common beginning: the board's version, the exchanger and the time.
std::string render_view(const Board& board, std::optional<VenueId> venue, TimePoint now);

std::string render_exchangers(const Board& board, std::span<const FeedReport> feeds,
                              const FailoverHistory& failovers, TimePoint now);

// History.

/// Parses the direction in the path, and the query. The defaults select the newest candles.
Parsed<CandlesQuestion> parse_candles_query(const MarketMap& map, std::string_view segment,
                                            std::string_view raw, TimePoint now);

std::string render_candles(const MarketMap& map, const CandlesQuestion& question, const CandlePage& page);
std::string render_candles_csv(const CandlePage& page);

/// The target of the next page, if there is one.
std::optional<std::string> next_target(const MarketMap& map, const CandlesQuestion& question,
                                       const CandlePage& page);

/// The course at the requested time.
std::string render_recorded(const MarketMap& map, const CourseQuestion& question,
                            std::optional<Duration> max_age, const RecordedCourse& recorded);

/// The 503 for a failure.
Problem explain(HistoryFailure failure, const HistoryQuestion& question);

}  // namespace kurs::api::v2
