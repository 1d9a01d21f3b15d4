#pragma once

#include <array>
#include <cstdint>

#include "faults.hpp"

namespace sim {

/// Counts of one endpoint.
struct Traffic {
    std::uint64_t open = 0;      ///< connections now
    std::uint64_t total = 0;     ///< connections ever
    std::uint64_t requests = 0;  ///< HTTP requests, upgrades among them
};

using TrafficTable = std::array<Traffic, endpoint_count>;

}  // namespace sim
