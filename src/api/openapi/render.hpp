#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kurs/domain/market_map.hpp"

namespace kurs::api::openapi {

/// The part of a routing table row that its description needs.
struct DescribedPath {
    std::string_view path;  ///< a path that ends with a slash is followed by the parameter of its operation
    std::string_view operation_id;  ///< in operations.json
};

/// The OpenAPI document for this market map. Throws unless paths and operations match one to one.
std::string render(const MarketMap& map, std::string_view version, std::span<const DescribedPath> paths);

}  // namespace kurs::api::openapi
