#pragma once

#include <cstdint>
#include <string_view>

#include "kurs/domain/errc.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// A time further ahead of the local clock than clocks may differ is no time.
constexpr Duration clock_difference_limit = std::chrono::seconds(10);

/// A time of a venue, to the microsecond.
struct VenueTime {
    TimePoint at{};
    std::uint64_t microseconds = 0;  ///< since 1970
};

/// Reads RFC 3339, such as "2026-08-12T19:29:02.066592Z".
result<VenueTime> parse_venue_time(std::string_view text);

}  // namespace kurs
