#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kurs/domain/market_map.hpp"

namespace kurs::api::openapi {

/// A row of the routing table, as its description needs it.
struct DescribedPath {
    std::string_view path;  ///< one that ends with a slash is followed by the parameter of its operation
    std::string_view operation_id;  ///< in operations.json
};

/// The OpenAPI document of this market map. Throws if not every path has its operation and every operation
/// its path.
std::string render(const MarketMap& map, std::string_view version, std::span<const DescribedPath> paths);

}  // namespace kurs::api::openapi
