#pragma once

#include <memory>

#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::binance {

/// The market data streams of Binance's spot exchange: one combined connection that names its streams in the
/// URL, so that no command is ever sent. Every symbol has its book (`bookTicker`) and its 1 Hz `miniTicker`.
/// Source: binance-spot-api-docs, web-socket-streams.md.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols);

/// `GET /api/v3/exchangeInfo`: which symbols are TRADING, and whether they are prices of what the market map
/// says. Asked at start and every hour. If the venue does not know one of them, it refuses the whole list;
/// they are then asked one by one. Source: binance-spot-api-docs, rest-api.md.
std::unique_ptr<PollSession> make_exchange_info_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::binance
