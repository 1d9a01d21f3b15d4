#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/direction.hpp"
#include "kurs/domain/rate.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// Places in the market map's lists. They mean nothing outside the map that issued them.
enum class VenueId : std::uint8_t {};
enum class SymbolId : std::uint16_t {};
enum class DirectionId : std::uint16_t {};
enum class FiatLegId : std::uint8_t {};

template <class Id>
constexpr std::size_t index(Id id) {
    return static_cast<std::size_t>(id);
}

/// Which values of a symbol are believed.
struct SymbolLimits {
    Duration max_age{};            ///< older than this is stale
    int max_jump_percent = 20;     ///< from one accepted value to the next within a minute
    std::optional<Rate> min, max;  ///< absolute bounds, as for a stablecoin
};

/// How a venue spells an instrument, and what it is a price of.
struct Symbol {
    VenueId venue{};
    std::string name;         ///< as the venue spells it: "BTCUSDT", "tether/rub"
    std::string base, quote;  ///< asset codes: one `base` costs so many `quote`
    SymbolLimits limits;
};

/// One symbol used in a route, maybe inverted.
struct Leg {
    SymbolId symbol{};
    bool inverted = false;
    Duration max_age{};  ///< the limit in this use; the same symbol may be allowed longer as a fiat leg
};

/// A rate between two currencies that no exchanger quotes itself, with its sources in order of preference.
struct FiatLeg {
    Direction direction;
    std::vector<std::vector<Leg>> sources;
};

/// A fiat leg used in a route, maybe inverted.
struct FiatStep {
    FiatLegId fiat{};
    bool inverted = false;
};

/// How a venue makes a direction: the product of its legs and fiat legs.
struct Route {
    VenueId venue{};
    DirectionId direction{};
    std::vector<Leg> legs;
    std::vector<FiatStep> fiat;
};

/// What is served and how it is made. Built by config from data, checked there, and never changed afterwards.
struct MarketMap {
    std::vector<std::string> venues;  ///< all of them, exchangers first
    std::vector<VenueId> exchangers;  ///< those a client may ask for, in order of priority
    std::vector<Symbol> symbols;
    std::vector<Direction> directions;  ///< in the order in which they are served
    std::vector<FiatLeg> fiat_legs;
    std::vector<Route> routes;
    std::map<std::string, std::string, std::less<>>
        same_as;  ///< assets that carry another's price: USDTTRC -> USDT

    const std::string& name(VenueId id) const { return venues[index(id)]; }
    const Symbol& symbol(SymbolId id) const { return symbols[index(id)]; }
    const Direction& direction(DirectionId id) const { return directions[index(id)]; }

    std::optional<VenueId> find_venue(std::string_view name) const;
    std::optional<DirectionId> find_direction(const Direction& direction) const;
    std::vector<SymbolId> symbols_of(VenueId venue) const;

    /// The asset whose price this one carries; itself where nothing else is said.
    std::string_view canonical(std::string_view asset) const;
};

}  // namespace kurs
