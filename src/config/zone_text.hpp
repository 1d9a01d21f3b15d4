#pragma once

#include <string>

#include "kurs/exports/opening_hours.hpp"

namespace kurs {

/// Reads "+03:00", "UTC", or a name such as "Europe/Moscow", whose file is read from the system's time zone
/// database. Fails with `malformed` if there is no such zone, with `out_of_bounds` if its file does not list
/// its transitions.
result<exports::Zone> parse_zone(const std::string& text);

/// Reads "09:00-21:00 Europe/Moscow". Fails as `parse_zone` does.
result<exports::OpeningHours> parse_hours(const std::string& text);

}  // namespace kurs
