#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// The symbols of a quote that is compared with others.
struct WitnessSymbols {
    std::size_t member = 0;  ///< a position in a list of the caller
    std::vector<SymbolId> symbols;
};

struct WitnessGroup {
    std::vector<std::size_t> members;          ///< in the order given
    std::optional<std::size_t> level_below{};  ///< the position of the level that divides the group
};

/// Groups that have no symbol in common, except those that a level above has left out. There are at least
/// two.
struct WitnessLevel {
    std::size_t depth = 0;  ///< the number of levels above
    std::vector<WitnessGroup> groups;
};

/// Divides quotes into groups that do not share errors of a leg. Quotes with a symbol in common are in one
/// group, and so are those that a third one connects. A group of several quotes is divided in turn, at the
/// level below, after the symbols that most of its quotes have are left out: usually those that all have.
/// Quotes that have no symbols left are equal and not divided. A quote given without symbols is a group.
///
/// BTC-RUB with the rate of the Bank of Russia, for example:
///   {binance, kraken, okx, bybit, coinbase} {coingecko}
///   {binance, okx, bybit} {kraken} {coinbase}   without USD/RUB
///   {binance} {okx} {bybit}                     without the price of USDT
///
/// Each level comes after the levels above it.
std::vector<WitnessLevel> divide_witnesses(std::vector<WitnessSymbols> quotes);

}  // namespace kurs
