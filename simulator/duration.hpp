#pragma once

#include <string_view>

#include "clock.hpp"

namespace sim {

/// Reads "200ms", "20s", "5m" or "24h". Throws Rejected.
Millis parse_duration(std::string_view text);

}  // namespace sim
