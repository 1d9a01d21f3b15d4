#include "kurs/venue/venue_time.hpp"

#include "kurs/domain/time_text.hpp"

namespace kurs {

result<VenueTime> parse_venue_time(std::string_view text) {
    const auto at = parse_rfc3339(text);
    if (!at) return at.error();
    const auto milliseconds = at->time_since_epoch().count();
    if (milliseconds < 0) return errc::malformed;
    VenueTime time{*at, static_cast<std::uint64_t>(milliseconds) * 1000};
    const auto point = text.find('.');
    if (point == std::string_view::npos) return time;
    // parse_rfc3339 has checked that the fraction ends with a non-digit.
    std::uint64_t weight = 100;
    for (std::size_t at_digit = point + 4; weight > 0 && at_digit < text.size(); ++at_digit, weight /= 10) {
        const char digit = text[at_digit];
        if (digit < '0' || digit > '9') break;
        time.microseconds += weight * static_cast<std::uint64_t>(digit - '0');
    }
    return time;
}

}  // namespace kurs
