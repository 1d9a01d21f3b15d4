#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/direction.hpp"
#include "kurs/domain/publication.hpp"
#include "kurs/domain/rate.hpp"
#include "kurs/domain/time.hpp"

namespace kurs {

/// Positions in the lists of the market map. Valid only with the map that issued them.
enum class VenueId : std::uint8_t {};
enum class SymbolId : std::uint16_t {};
enum class DirectionId : std::uint16_t {};
enum class ReferenceRateId : std::uint8_t {};

template <class Id>
constexpr std::size_t index(Id id) {
    return static_cast<std::size_t>(id);
}

/// The name of a venue as people write it.
struct VenueTitle {
    std::string en;
    std::string ru;
};

/// The limits within which a symbol's values are accepted.
struct SymbolLimits {
    Duration max_age{};            ///< older than this is stale
    int max_jump_percent = 20;     ///< from one accepted value to the next within a minute
    std::optional<Rate> min, max;  ///< absolute bounds, as for a stablecoin
};

/// An instrument of a venue.
struct Symbol {
    VenueId venue{};
    std::string name;         ///< as the venue spells it: "BTCUSDT", "tether/rub"
    std::string base, quote;  ///< asset codes: the price is the amount of `quote` per `base`
    SymbolLimits limits;
    std::shared_ptr<const PublicationPlan> publications{};  ///< null: its values are not published rarely
    bool is_declared = false;  ///< of a venue that the operator declares, such as a street rate
};

/// A symbol used in a route, possibly inverted.
struct Leg {
    SymbolId symbol{};
    bool inverted = false;
    Duration max_age{};  ///< the limit in this use; a reference rate may have a longer one
};

/// A reference rate used in a route or in a later reference rate, possibly inverted.
struct ReferenceStep {
    ReferenceRateId rate{};
    bool inverted = false;
};

/// One way to compute a reference rate: the product of legs and of reference rates that stand earlier in the
/// market map.
struct ReferenceSource {
    std::vector<Leg> legs;
    std::vector<ReferenceStep> references;
};

/// A rate that routes need and no exchanger owns, with its sources in order of preference.
struct ReferenceRate {
    Direction direction;
    std::vector<ReferenceSource> sources;
};

/// How an exchanger's quote of a direction is computed: the product of legs and reference rates. The
/// consensus has neither: its quote follows from those of the other exchangers.
struct Route {
    VenueId venue{};
    DirectionId direction{};
    std::vector<Leg> legs;
    std::vector<ReferenceStep> references;
};

/// The served directions and their routes. Built and checked by config, immutable afterwards.
struct MarketMap {
    /// One exchanger agrees with nobody.
    static constexpr std::size_t fewest_in_consensus = 2;

    /// Of an asset that `places` does not list.
    static constexpr int usual_places = 8;

    std::vector<std::string> venues;                        ///< all venues, exchangers first
    std::map<std::string, VenueTitle, std::less<>> titles;  ///< of the venues that have one
    std::map<std::string, std::string, std::less<>>
        aliases;                       ///< former spellings of venues: coingeko -> coingecko
    std::vector<VenueId> exchangers;   ///< venues that a client may request, in order of priority
    std::optional<VenueId> consensus;  ///< the exchanger that quotes what the others agree on
    std::vector<Symbol> symbols;
    std::vector<Direction> directions;  ///< in the order of responses
    /// Of each direction: how far venues may differ before one is disputed, in millionths. None: they are not
    /// compared.
    std::vector<std::optional<std::uint32_t>> allowances;
    std::vector<ReferenceRate> reference_rates;
    std::vector<Route> routes;
    std::map<std::string, std::string, std::less<>>
        same_as;  ///< assets with the price of another asset: USDTTRC -> USDT
    std::map<std::string, int, std::less<>>
        places;  ///< decimals of an amount of an asset, at most Rate::decimals

    const std::string& name(VenueId id) const { return venues[index(id)]; }
    const Symbol& symbol(SymbolId id) const { return symbols[index(id)]; }
    const Direction& direction(DirectionId id) const { return directions[index(id)]; }

    /// Null if the exchanger does not quote the direction.
    const Route* find_route(VenueId venue, DirectionId direction) const;

    /// Every leg that a quote of the route may have, those of all sources of its reference rates included.
    std::vector<Leg> possible_legs(const Route& route) const;

    /// A product as the market map document writes it: "1 / USDCUSDT * USDC-USD".
    std::string formula(const std::vector<Leg>& legs, const std::vector<ReferenceStep>& references) const;

    /// With the venue: "kraken: USDT/USD".
    std::string formula(const ReferenceSource& source) const;

    /// The venue's title, otherwise its name.
    VenueTitle title(VenueId id) const;

    std::optional<VenueId> find_venue(std::string_view name) const;
    std::optional<DirectionId> find_direction(const Direction& direction) const;
    std::optional<SymbolId> find_symbol(std::string_view venue, std::string_view symbol) const;
    std::vector<SymbolId> symbols_of(VenueId venue) const;

    /// The bases and quotes of the directions, each once, in their order.
    std::vector<std::string_view> assets() const;
    bool has_asset(std::string_view asset) const;

    /// How many decimals an amount of the asset has.
    int places_of(std::string_view asset) const;

    /// The asset whose price this one has: the one named in `same_as`, otherwise itself.
    std::string_view canonical(std::string_view asset) const;
};

}  // namespace kurs
