#pragma once

#include "kurs/domain/market_map.hpp"
#include "kurs/venue/credit_budget.hpp"
#include "kurs/venue/setting.hpp"
#include "kurs/venue/spelling.hpp"
#include "kurs/venue/venue_feeds.hpp"

namespace kurs {

/// A venue with its settings applied. Outlives its feeds.
struct VenueAccess {
    /// New feeds for these symbols, not started. `map` must outlive them.
    std::function<VenueFeeds(const MarketMap& map, std::vector<SymbolId> symbols)> make_feeds;

    std::shared_ptr<CreditBudget> budget;  ///< what replicas share; null if the venue is not metered
};

/// Everything that is particular to a venue. `src/venues/CMakeLists.txt` lists them.
struct Venue {
    std::string id;                    ///< in the market map, the API, logs and metrics: "binance"
    VenueTitle title;                  ///< as people write it
    std::vector<std::string> aliases;  ///< former spellings of `id` that clients may still use
    std::vector<Setting> settings;
    std::string_view max_age;            ///< the setting with the age limit of its values
    std::string_view reference_max_age;  ///< likewise for its values in reference rates; empty: `max_age`
    std::string_view proxy;              ///< the setting with the proxy of its feeds
    Spelling spelling;

    /// When a source that publishes rarely is expected to publish. May be unset.
    std::function<PublicationPlan(const SettingValues&)> publications;

    /// Checks that involve several settings. May be unset.
    std::function<std::vector<Problem>(const SettingValues&)> check;

    std::function<VenueAccess(const SettingValues&)> open;
};

}  // namespace kurs
