#pragma once

#include <array>
#include <cstdint>

#include "faults.hpp"

namespace sim {

/// Counters of one endpoint.
struct Traffic {
    std::uint64_t open = 0;      ///< open connections
    std::uint64_t total = 0;     ///< all connections so far
    std::uint64_t requests = 0;  ///< HTTP requests, including upgrades
};

using TrafficTable = std::array<Traffic, endpoint_count>;

}  // namespace sim
