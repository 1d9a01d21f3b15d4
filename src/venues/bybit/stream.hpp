#pragma once

#include <memory>
#include <vector>

#include "kurs/venue/stream_session.hpp"
#include "venues/bybit/book_text.hpp"

namespace kurs::bybit {

/// Bybit's public stream of the spot market, version 5: for each symbol its top (`orderbook.1`), and the
/// changes of its 50 best levels (`orderbook.50`), which confirm the top. `map` must outlive the session.
/// Source: bybit-exchange.github.io/docs/v5.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols,
                                                   std::shared_ptr<Tops> tops);

}  // namespace kurs::bybit
