#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/exports/exports.hpp"

namespace kurs {

/// Parses the exports (JSON with comments; docs/exports.md describes it). Adds every problem, and returns
/// exports only if there is none.
std::optional<exports::Exports> parse_exports_document(std::string_view document, const MarketMap& map,
                                                       std::vector<Problem>& problems);

}  // namespace kurs
