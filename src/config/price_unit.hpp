#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// What a price is a price of: assets with exponents, such as BTC^1 USDT^-1. Shows a route whose legs do not
/// make its direction, as when one should have been inverted.
class PriceUnit {
public:
    PriceUnit() = default;

    /// One `base` costs so many `quote`, by the assets whose prices they carry.
    PriceUnit(const MarketMap& map, std::string_view base, std::string_view quote);

    PriceUnit& multiply(const PriceUnit& other, bool inverted);

    bool is_one() const { return exponents_.empty(); }

    /// The base and quote where it is a plain price, as BTC and USDT; nothing for anything else.
    std::optional<std::pair<std::string, std::string>> as_pair() const;

    std::string text() const;  ///< "BTC * USD / USDT"

private:
    std::map<std::string, int> exponents_;
};

}  // namespace kurs
