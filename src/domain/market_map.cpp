#include "kurs/domain/market_map.hpp"

#include <algorithm>
#include <set>

namespace kurs {
namespace {

template <class Id, class List, class Key>
std::optional<Id> find_in(const List& list, const Key& key) {
    const auto found = std::ranges::find(list, key);
    if (found == list.end()) return std::nullopt;
    return static_cast<Id>(found - list.begin());
}

}  // namespace

const Route* MarketMap::find_route(VenueId venue, DirectionId direction) const {
    const auto found = std::ranges::find_if(
        routes, [&](const Route& route) { return route.venue == venue && route.direction == direction; });
    return found == routes.end() ? nullptr : &*found;
}

std::vector<Leg> MarketMap::possible_legs(const Route& route) const {
    auto legs = route.legs;
    auto open = route.references;
    while (!open.empty()) {
        const auto rate = open.back().rate;
        open.pop_back();
        for (const auto& source : reference_rates[index(rate)].sources) {
            legs.insert(legs.end(), source.legs.begin(), source.legs.end());
            open.insert(open.end(), source.references.begin(), source.references.end());
        }
    }
    return legs;
}

std::string MarketMap::formula(const std::vector<Leg>& legs,
                               const std::vector<ReferenceStep>& references) const {
    std::string text;
    const auto add = [&text](const std::string& name, bool is_inverted) {
        text += text.empty() ? (is_inverted ? "1 / " : "") : (is_inverted ? " / " : " * ");
        text += name;
    };
    for (const Leg& leg : legs) add(symbol(leg.symbol).name, leg.inverted);
    for (const ReferenceStep& step : references)
        add(reference_rates[index(step.rate)].direction.text(), step.inverted);
    return text;
}

std::string MarketMap::formula(const ReferenceSource& source) const {
    const auto text = formula(source.legs, source.references);
    return source.legs.empty() ? text : name(symbol(source.legs.front().symbol).venue) + ": " + text;
}

VenueTitle MarketMap::title(VenueId id) const {
    const auto found = titles.find(name(id));
    return found == titles.end() ? VenueTitle{name(id), name(id)} : found->second;
}

std::optional<VenueId> MarketMap::find_venue(std::string_view name) const {
    return find_in<VenueId>(venues, name);
}

std::optional<DirectionId> MarketMap::find_direction(const Direction& direction) const {
    return find_in<DirectionId>(directions, direction);
}

std::optional<SymbolId> MarketMap::find_symbol(std::string_view venue, std::string_view symbol) const {
    const auto is_it = [&](const Symbol& each) { return each.name == symbol && name(each.venue) == venue; };
    const auto found = std::ranges::find_if(symbols, is_it);
    if (found == symbols.end()) return std::nullopt;
    return static_cast<SymbolId>(found - symbols.begin());
}

std::vector<SymbolId> MarketMap::symbols_of(VenueId venue) const {
    std::vector<SymbolId> found;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        if (symbols[i].venue == venue) found.push_back(static_cast<SymbolId>(i));
    }
    return found;
}

std::vector<std::string_view> MarketMap::assets() const {
    std::vector<std::string_view> assets;
    std::set<std::string_view> known;
    for (const auto& direction : directions) {
        for (const auto asset : {direction.base(), direction.quote()})
            if (known.insert(asset).second) assets.push_back(asset);
    }
    return assets;
}

bool MarketMap::has_asset(std::string_view asset) const {
    return std::ranges::any_of(directions, [asset](const Direction& direction) {
        return direction.base() == asset || direction.quote() == asset;
    });
}

int MarketMap::places_of(std::string_view asset) const {
    const auto found = places.find(asset);
    return found == places.end() ? usual_places : found->second;
}

std::string_view MarketMap::canonical(std::string_view asset) const {
    const auto found = same_as.find(asset);
    return found == same_as.end() ? asset : std::string_view(found->second);
}

}  // namespace kurs
