#pragma once

#include <vector>

#include "kurs/app/configuration.hpp"
#include "kurs/ingest/ingest.hpp"

namespace kurs {

/// The venues of this build, which a market map may name.
std::vector<VenueRule> venue_rules(const Settings& settings);

/// The venues that the market map uses.
class Venues {
public:
    /// `configuration` must outlive it.
    explicit Venues(const Configuration& configuration);
    Venues(const Venues&) = delete;
    Venues& operator=(const Venues&) = delete;

    /// New feeds, not started. They must not outlive this object.
    std::vector<VenueFeeds> make_feeds();

    const std::vector<MeteredVenue>& metered() const { return metered_; }

private:
    VenueFeeds binance_feeds(std::vector<SymbolId> symbols) const;
    VenueFeeds coingecko_feeds(std::vector<SymbolId> symbols);
    VenueFeeds cbr_feeds(std::vector<SymbolId> symbols) const;

    const Configuration& configuration_;
    const Settings& settings_;
    const MarketMap& map_;
    coingecko::Budget coingecko_budget_;
    std::vector<MeteredVenue> metered_;
};

}  // namespace kurs
