#include "kurs/app/venues.hpp"

#include <utility>

namespace kurs {

Venues::Venues(const std::vector<Venue>& venues, const SettingValues& values, const MarketMap& map)
    : map_(map) {
    for (const auto& venue : venues) {
        const auto id = map_.find_venue(venue.id);
        if (!id || map_.symbols_of(*id).empty()) continue;
        auto access = venue.open(values);
        if (access.budget) metered_.push_back({venue.id, *access.budget});
        opened_.push_back({*id, std::move(access), values.proxy(venue.proxy)});
    }
}

std::vector<VenueFeeds> Venues::make_feeds() const {
    std::vector<VenueFeeds> all;
    for (const auto& [id, access, proxy] : opened_) {
        all.push_back(access.make_feeds(map_, map_.symbols_of(id)));
        all.back().venue = id;
        all.back().proxy = proxy;
    }
    return all;
}

}  // namespace kurs
