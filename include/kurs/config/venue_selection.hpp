#pragma once

#include <set>
#include <string>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/venue/setting.hpp"

namespace kurs {

/// A market map without the venues that are not used, and what it therefore lacks.
struct VenueSelection {
    MarketMap map;
    std::vector<std::string> losses;  ///< sentences for the operator
};

/// Removes every venue that is not in `used`, with its routes and its sources of reference rates. Reference
/// rates without a source, exchangers without a route and directions without a route are removed too.
VenueSelection select_venues(const MarketMap& map, const std::set<std::string>& used);

/// The same for the value of the setting VENUES: names in any case, or none for all venues of the map. Adds a
/// problem for each unknown name, or if nothing would be served; the map is complete then.
VenueSelection select_venues(const MarketMap& map, const std::vector<std::string>& setting,
                             std::vector<Problem>& problems);

}  // namespace kurs
