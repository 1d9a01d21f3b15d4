#pragma once

#include <boost/system/result.hpp>
#include <vector>

#include "api/course_view.hpp"
#include "api/parameters.hpp"
#include "kurs/api/outcome.hpp"
#include "kurs/board/board.hpp"
#include "kurs/pricing/conversion.hpp"

// The courses by which amounts are converted.
namespace kurs::api::v2 {

Parsed<Side> read_side(std::string_view text);
std::string_view to_string(Side side);

/// A positive decimal below 1e15.
Parsed<Rate> read_amount(std::string_view text);

/// The error for an asset that the market map does not have.
std::string unknown_asset(const MarketMap& map, std::string_view text);

/// A course, and whether it is inverted.
struct UsedCourse {
    CourseView course;
    bool inverted = false;
};

/// Fresh courses of one exchanger, in the order of the conversion.
class UsedCourses {
public:
    /// The courses of these steps, or the 503 if one of them is not fresh. `asked` has the exchanger and the
    /// greatest age of the request, if it names them. `venue`: that exchanger or the active one, if any.
    static boost::system::result<UsedCourses, Problem> find(const Board& board, std::optional<VenueId> venue,
                                                            const std::vector<ConversionStep>& path,
                                                            const CoursesQuery& asked, TimePoint now);

    /// As kurs::convert, with the legs of all courses.
    result<Conversion> convert(Rate amount, Side side, int places) const;

    TimePoint observed_at() const;  ///< of the oldest leg
    TimePoint fresh_until() const;  ///< of the course that becomes stale first

    /// The members `courses` and `legs`.
    void write(JsonWriter& json, TimePoint now) const;

private:
    explicit UsedCourses(std::vector<UsedCourse> courses) : courses_(std::move(courses)) {}

    std::vector<UsedCourse> courses_;
};

/// The steps from one asset to another one at this exchanger, or at any if it has none: the courses then tell
/// why they are unavailable here. Empty if no exchanger has any.
std::vector<ConversionStep> path_at(const MarketMap& map, std::optional<VenueId> venue, std::string_view from,
                                    std::string_view to);

/// The error if no exchanger has a path.
std::string no_path(const MarketMap& map, std::string_view from, std::string_view to);

}  // namespace kurs::api::v2
