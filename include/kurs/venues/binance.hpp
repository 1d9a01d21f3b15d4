#pragma once

#include <memory>
#include <set>

#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::binance {

/// The market data streams of Binance's spot exchange: one combined connection that names its streams in the
/// URL, so that no command is ever sent. Every symbol has its book (`bookTicker`) and its 1 Hz `miniTicker`.
/// Source: binance-spot-api-docs, web-socket-streams.md.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols);

/// Makes the sessions of those symbols that are trading, as far as is known. A session whose symbols are no
/// longer the right ones asks to be replaced.
class Streams final : public StreamVenue {
public:
    /// `map` must outlive the streams. Until a listing says otherwise, every symbol is taken to be trading.
    Streams(const MarketMap& map, std::vector<SymbolId> symbols);

    /// Returns whether that is news.
    bool set_trading(SymbolId symbol, bool is_trading);

    std::unique_ptr<StreamSession> make_session() override;

private:
    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    std::set<SymbolId> not_trading_;
    std::shared_ptr<int> edition_;  ///< grows with every news; sessions remember which one they were made of
};

/// `GET /api/v3/exchangeInfo`: which symbols are TRADING, and whether they are prices of what the market map
/// says. Asked at start and every minute. If the venue does not know one of them, it refuses the whole list;
/// they are then asked one by one. Source: binance-spot-api-docs, rest-api.md.
std::unique_ptr<PollSession> make_exchange_info_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::binance
