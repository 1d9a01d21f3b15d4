#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/market_map.hpp"

namespace kurs {

/// What has to be known of a venue to understand a market map that names it.
struct VenueRule {
    std::string name;
    Duration max_age{};  ///< of its values, where a symbol sets no limit of its own
    std::function<bool(std::string_view)> is_symbol;  ///< whether a text is spelt like one of its symbols
    std::string spelling;                             ///< how they are spelt, for messages
};

/// The market map that is used where MARKETS_FILE names no other.
std::string_view built_in_market_document();

/// Understands a market map (JSON with comments; docs/markets.md describes it). Adds every problem it finds,
/// and returns a map only if there was none. `fiat_max_age` is the limit of a leg used as a fiat leg, where
/// the venue's own is not longer.
std::optional<MarketMap> parse_market_document(std::string_view document,
                                               const std::vector<VenueRule>& venues, Duration fiat_max_age,
                                               std::vector<Problem>& problems);

}  // namespace kurs
