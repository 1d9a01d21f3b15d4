#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/venue/venue_rule.hpp"

namespace kurs {

/// The market map that is used if MARKETS_FILE is empty.
std::string_view built_in_market_document();

/// Parses a market map (JSON with comments; docs/markets.md describes it). Adds every problem, and returns a
/// map only if there is none.
std::optional<MarketMap> parse_market_document(std::string_view document,
                                               const std::vector<VenueRule>& venues,
                                               std::vector<Problem>& problems);

}  // namespace kurs
