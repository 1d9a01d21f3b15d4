#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kurs/board/board.hpp"
#include "kurs/board/journal.hpp"
#include "kurs/http/contract_v1.hpp"
#include "kurs/http/line_report.hpp"

// The public contract, version 2: the present. It shows what version 1 hides.
namespace kurs::http::v2 {

inline constexpr std::string_view courses_path = "/api/v2/courses";
inline constexpr std::string_view course_path = "/api/v2/courses/";  ///< before a direction
inline constexpr std::string_view exchangers_path = "/api/v2/exchangers";
inline constexpr std::string_view stream_path = "/api/v2/stream";
inline constexpr std::string_view web_socket_path = "/api/v2/ws";

/// What a client asks for of one direction.
struct CourseQuery {
    DirectionId direction{};
    std::optional<VenueId> venue;
    std::optional<Duration> max_age;
    std::optional<TimePoint> at;  ///< in the past; none: now
};

/// Reads the direction in a path, and what follows the `?`.
Parsed<DirectionId> parse_direction_segment(const MarketMap& map, std::string_view raw);
Parsed<CourseQuery> parse_course_query(const MarketMap& map, std::string_view segment, std::string_view raw,
                                       TimePoint now);

/// The members of a document, without its braces: they stand in a 200 and in a 503 alike.
struct CoursesDocument {
    std::string members;
    bool has_fresh = false;
};

/// All that was asked, whatever its state, of the exchanger that was asked or is active.
CoursesDocument render_courses(const Board& board, const CoursesQuery& query, TimePoint now);

/// The same of one direction.
CoursesDocument render_course(const Board& board, const CourseQuery& query, TimePoint now);

/// What both begin with: the board's version, the exchanger that is shown, and the moment.
std::string render_view(const Board& board, std::optional<VenueId> venue, TimePoint now);

std::string render_exchangers(const Board& board, std::span<const LineReport> lines, const Journal& journal,
                              TimePoint now);

}  // namespace kurs::http::v2
