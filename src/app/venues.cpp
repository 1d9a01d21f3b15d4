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
        const auto proxy = venue.proxy.empty() ? std::nullopt : values.proxy(venue.proxy);
        opened_.push_back({*id, std::move(access), proxy});
    }
}

std::vector<VenueFeeds> Venues::make_feeds() const {
    std::vector<VenueFeeds> all;
    for (const auto& [id, access, proxy] : opened_) {
        all.push_back(access.make_feeds(map_, map_.symbols_of(id)));
        all.back().venue = id;
        if (proxy) all.back().proxy = proxy;
    }
    return all;
}

}  // namespace kurs
