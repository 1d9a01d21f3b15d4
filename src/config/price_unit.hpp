#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// The unit of a price: assets with exponents, such as BTC^1 USDT^-1. Reveals a route whose legs do not make
/// its direction, for example because a leg should be inverted.
class PriceUnit {
public:
    PriceUnit() = default;

    /// The unit of a price of `base` in `quote`, with each asset replaced by the one whose price it has.
    PriceUnit(const MarketMap& map, std::string_view base, std::string_view quote);

    PriceUnit& multiply(const PriceUnit& other, bool inverted);

    bool is_one() const { return exponents_.empty(); }

    /// The base and quote of a plain price, such as BTC and USDT; none for any other unit.
    std::optional<std::pair<std::string, std::string>> as_pair() const;

    std::string text() const;  ///< "BTC * USD / USDT"

private:
    std::map<std::string, int> exponents_;
};

}  // namespace kurs
