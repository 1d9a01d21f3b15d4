#pragma once

#include <vector>

#include "kurs/ingest/ingest.hpp"
#include "kurs/venue/venue.hpp"

namespace kurs {

/// The venues that the market map uses.
class Venues {
public:
    /// `map` must outlive it.
    Venues(const std::vector<Venue>& venues, const SettingValues& values, const MarketMap& map);
    Venues(const Venues&) = delete;
    Venues& operator=(const Venues&) = delete;

    /// New feeds, not started. They must not outlive this object.
    std::vector<VenueFeeds> make_feeds() const;

    const std::vector<MeteredVenue>& metered() const { return metered_; }

private:
    struct Opened {
        VenueId id{};
        VenueAccess access;
        std::optional<Proxy> proxy;
    };

    const MarketMap& map_;
    std::vector<Opened> opened_;
    std::vector<MeteredVenue> metered_;
};

}  // namespace kurs
