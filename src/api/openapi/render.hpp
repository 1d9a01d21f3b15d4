#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kurs/domain/market_map.hpp"

namespace kurs::api::openapi {

/// Whether requests have a key.
enum class KeyUse : std::uint8_t {
    none,      ///< keys are ignored
    optional,  ///< not needed, but judged if there is one
    required,
};

/// The part of a routing table row that its description needs.
struct DescribedPath {
    std::string_view path;  ///< a path that ends with a slash is followed by the parameter of its operation
    std::string_view operation_id;  ///< in operations.json or quotes.json
    KeyUse key = KeyUse::none;
    bool is_post = false;  ///< otherwise GET
};

/// The OpenAPI document for this market map. Throws unless paths and operations match one to one.
std::string render(const MarketMap& map, std::string_view version, std::span<const DescribedPath> paths);

}  // namespace kurs::api::openapi
