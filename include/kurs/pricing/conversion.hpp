#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/pricing/cross_rate.hpp"

namespace kurs {

/// A direction used to convert, possibly inverted.
struct ConversionStep {
    DirectionId direction{};
    bool inverted = false;

    friend bool operator==(const ConversionStep&, const ConversionStep&) = default;
};

/// The directions that lead from one asset to another one: a single one if possible, otherwise two with a
/// common asset. Of several pairs, the one with the shortest routes is used, then the first in the map's
/// order. Empty if there is none. With a venue, only directions that it quotes are used.
std::vector<ConversionStep> conversion_path(const MarketMap& map, std::optional<VenueId> venue,
                                            std::string_view from, std::string_view to);

/// What a customer does with an amount.
enum class Side : std::uint8_t {
    sell,  ///< gives it, at the bid
    buy,   ///< gets it, at the ask
};

/// A price by which an amount is multiplied. If it is inverted, the amount is divided by the opposite side of
/// its book.
struct ConversionFactor {
    Rate bid;
    Rate ask;
    bool inverted = false;
};

struct Conversion {
    std::optional<Rate> rate;    ///< of one unit, truncated to 18 decimals; none: zero
    std::optional<Rate> result;  ///< none: zero
};

/// The exact product of `amount` and one to `max_factors` factors, rounded once to `places` decimals: down
/// for `sell`, up for `buy`. Fails with `overflow`.
result<Conversion> convert(Rate amount, Side side, std::span<const ConversionFactor> factors, int places);

inline constexpr std::size_t max_factors = 2 * max_legs;

}  // namespace kurs
