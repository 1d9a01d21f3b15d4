#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

/// Reads a whole number with its unit: "500ms", "5s", "15m", "2h", "12d". None for any other text.
std::optional<Duration> parse_duration(std::string_view text);

/// Writes the duration in the largest unit that divides it.
std::string to_string(Duration duration);

}  // namespace kurs
