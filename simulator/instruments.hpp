#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decimal.hpp"

namespace sim {

enum class Status { trading, broken };

/// A Binance spot symbol and the parameters of its price walk.
struct Instrument {
    std::string symbol;
    std::string base;
    std::string quote;
    Status status = Status::trading;
    Amount tick;
    Amount start;                 ///< the first bid
    Amount lot;                   ///< a typical quantity at the top of the book
    double books_per_second = 0;  ///< mean rate of bookTicker frames
    double move_ticks = 0;        ///< standard deviation of one move
    double pull = 0;              ///< share of the distance to `start` that each move recovers
    Amount floor;                 ///< the bid stays at or above
    Amount ceiling;               ///< the ask stays at or below
};

/// The listed symbols: seven that are traded and the three delisted rouble pairs.
std::vector<Instrument> listed_instruments();

/// Base and quote of a symbol, by the quote assets that captures use; none if no quote asset fits.
std::optional<std::pair<std::string, std::string>> split_symbol(std::string_view symbol);

}  // namespace sim
