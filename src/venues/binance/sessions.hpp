#pragma once

#include <memory>

#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::binance {

/// The market data streams of Binance's spot exchange: one combined connection whose URL names the streams,
/// so no command is ever sent. Every symbol has its book (`bookTicker`) and its 1 Hz `miniTicker`. Source:
/// binance-spot-api-docs, web-socket-streams.md.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols);

/// `GET /api/v3/exchangeInfo`: which symbols are TRADING, and whether their pairs match the market map.
/// Polled at startup and every minute. If the venue does not know one of the symbols, it rejects the whole
/// list; each symbol is then requested separately. Source: binance-spot-api-docs, rest-api.md.
std::unique_ptr<PollSession> make_exchange_info_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::binance
