#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/parameters.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/board/board.hpp"

// The public contract, version 1: the only place where its words (exchanger, courses, value) meet the
// internal ones.
namespace kurs::api {

inline constexpr std::string_view courses_path = "/api/v1/courses";
inline constexpr std::string_view short_courses_path = "/courses";

/// Parses the query.
Parsed<CoursesQuery> parse_courses_query(const MarketMap& map, std::string_view raw);

/// The same for a parsed query. `further` lists parameters that are allowed in addition: ", a, b".
Parsed<CoursesQuery> read_courses_query(const MarketMap& map, const std::vector<Parameter>& parameters,
                                        std::string_view further = "");

/// The document, or nothing if there is no course to show.
std::optional<std::string> render_courses(const MarketMap& map, const Selection& selection);

/// The 503 that explains why there is no document. `venue` is the requested one; none if no venue has served
/// yet.
Problem explain_no_courses(const MarketMap& map, std::optional<VenueId> venue, const CoursesQuery& query,
                           std::size_t disputed = 0);

}  // namespace kurs::api
