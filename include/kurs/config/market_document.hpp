#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/market_map.hpp"

namespace kurs {

/// What a symbol's spelling tells of its pair.
struct SpeltPair {
    std::string coin;   ///< two symbols of one venue with the same coin have the same base; or empty
    std::string base;   ///< an asset code, or empty where the spelling does not tell it
    std::string quote;  ///< likewise
};

/// What has to be known of a venue to understand a market map that names it.
struct VenueRule {
    std::string name;
    Duration max_age{};                    ///< of its values, where a symbol sets no limit of its own
    std::optional<Duration> fiat_max_age;  ///< of its values used as a fiat leg, where that differs
    std::function<bool(std::string_view)> is_symbol;  ///< whether a text is spelt like one of its symbols
    std::string spelling;                             ///< how they are spelt, for messages
    std::function<SpeltPair(std::string_view)> spelt_pair;  ///< not set where the spelling tells nothing
    bool is_spelt_from_codes = false;  ///< BTCUSDT: both codes in a row, unless a pair says otherwise
};

/// The market map that is used where MARKETS_FILE names no other.
std::string_view built_in_market_document();

/// Understands a market map (JSON with comments; docs/markets.md describes it). Adds every problem it finds,
/// and returns a map only if there was none.
std::optional<MarketMap> parse_market_document(std::string_view document,
                                               const std::vector<VenueRule>& venues,
                                               std::vector<Problem>& problems);

}  // namespace kurs
