#pragma once

#include "kurs/venue/trading_state.hpp"

namespace kurs::kraken {

/// With Kraken's statuses of pairs and of the venue. `map` must outlive the state.
std::shared_ptr<TradingState> make_trading_state(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::kraken
