#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "kurs/config/environment.hpp"
#include "kurs/domain/market_map.hpp"
#include "kurs/venue/declared_source.hpp"
#include "kurs/venue/venue.hpp"

namespace kurs {

/// What a market map needs of a venue.
struct VenueRule {
    std::string name;
    Duration max_age{};                         ///< age limit of symbols without a limit of their own
    std::optional<Duration> reference_max_age;  ///< age limit of its values in reference rates, if different
    Spelling spelling;
    VenueTitle title;
    std::vector<std::string> aliases;
    std::shared_ptr<const PublicationPlan> publications{};  ///< null, unless it publishes rarely
    bool is_declared = false;                               ///< by the market map itself
};

/// The rules of the venues, with the age limits from the settings.
std::vector<VenueRule> venue_rules(const std::vector<Venue>& venues, const SettingValues& values);

VenueRule venue_rule(const DeclaredSource& source);

/// The venues that the document declares itself. Adds a problem for each error of a declaration, none for any
/// other: parse_market_document finds those.
std::vector<DeclaredSource> parse_declared_sources(std::string_view document,
                                                   const std::vector<Venue>& venues,
                                                   std::vector<Problem>& problems);

/// The market map that is used if MARKETS_FILE is empty.
std::string_view built_in_market_document();

/// Parses a market map (JSON with comments; docs/markets.md describes it). Adds every problem, and returns a
/// map only if there is none.
std::optional<MarketMap> parse_market_document(std::string_view document,
                                               const std::vector<VenueRule>& venues,
                                               std::vector<Problem>& problems);

}  // namespace kurs
