#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/parameters.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/board/board.hpp"

// The public contract, version 1: the only place where its words (exchanger, courses, value) meet ours.
namespace kurs::api {

inline constexpr std::string_view courses_path = "/api/v1/courses";
inline constexpr std::string_view short_courses_path = "/courses";

/// Reads what follows the `?`.
Parsed<CoursesQuery> parse_courses_query(const MarketMap& map, std::string_view raw);

/// The same, already taken apart. `further` names the parameters that are allowed besides: ", a, b".
Parsed<CoursesQuery> read_courses_query(const MarketMap& map, const std::vector<Parameter>& parameters,
                                        std::string_view further = "");

/// The document, or nothing if there is no course to show: what rounds to zero at eight decimals is left out.
std::optional<std::string> render_courses(const MarketMap& map, const Selection& selection);

/// Why there is no document: a 503. `venue` is the one that was asked, or none if none has served yet.
Problem explain_no_courses(const MarketMap& map, std::optional<VenueId> venue, const CoursesQuery& query);

}  // namespace kurs::api
