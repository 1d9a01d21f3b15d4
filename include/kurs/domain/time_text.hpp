#pragma once

#include <string>
#include <string_view>

#include "kurs/domain/errc.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// RFC 3339 in UTC with milliseconds: "2026-11-23T03:24:52.123Z". For the years 0 to 9999.
std::string to_rfc3339(TimePoint time);

/// Reads an RFC 3339 time with any offset. Digits beyond milliseconds are truncated. Fails with `malformed`
/// on anything else, such as a time without offset, a 30th of February or a leap second.
result<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace kurs
