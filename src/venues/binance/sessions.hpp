#pragma once

#include <memory>
#include <set>

#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs::binance {

/// The market data streams of Binance's spot exchange: one combined connection whose URL names the streams,
/// so no command is ever sent. Every symbol has its book (`bookTicker`) and its 1 Hz `miniTicker`. Source:
/// binance-spot-api-docs, web-socket-streams.md.
std::unique_ptr<StreamSession> make_stream_session(const MarketMap& map, std::vector<SymbolId> symbols);

/// Creates sessions for the symbols that are traded. A session requests its replacement when that set
/// changes.
class Streams final : public StreamVenue {
public:
    /// `map` must outlive the streams. Every symbol is assumed to be traded until a listing says otherwise.
    Streams(const MarketMap& map, std::vector<SymbolId> symbols);

    std::unique_ptr<StreamSession> make_session() override;
    void set_trading(SymbolId symbol, bool is_trading) override;

private:
    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    std::set<SymbolId> not_trading_;
    std::shared_ptr<int> edition_;  ///< incremented with every change of the traded symbols; each session
                                    ///< stores the edition it was created from
};

/// `GET /api/v3/exchangeInfo`: which symbols are TRADING, and whether their pairs match the market map.
/// Polled at startup and every minute. If the venue does not know one of the symbols, it rejects the whole
/// list; each symbol is then requested separately. Source: binance-spot-api-docs, rest-api.md.
std::unique_ptr<PollSession> make_exchange_info_session(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::binance
