#pragma once

#include <memory>
#include <vector>

#include "kurs/venue/backoff_poll.hpp"
#include "venues/bybit/book_text.hpp"

namespace kurs::bybit {

/// A poll of Bybit's REST API, version 5: its form of errors, and the statuses with which it limits or blocks
/// an address. `map` must outlive it.
class RestPoll : public BackoffPoll {
public:
    Outcome on_response(const PollResponse& response, TimePoint received_at) override;

protected:
    RestPoll(const MarketMap& map, std::vector<SymbolId> symbols, Duration every);

    const std::vector<SymbolId>& symbols() const { return symbols_; }

    /// Reads the member `result` of a successful response.
    virtual Outcome read(const element& result, TimePoint received_at) = 0;

private:
    Outcome on_error(std::int64_t code, std::string_view message, TimePoint now);

    std::vector<SymbolId> symbols_;
    Duration every_;
    simdjson::dom::parser parser_;
};

/// `orderbook`: the top of one symbol after the other, while the stream does not deliver. The response has
/// the time and the number of its book, so an old one is recognised. After a failure it is polled until a
/// response shows that the API works.
std::unique_ptr<PollSession> make_book_poll(const MarketMap& map, std::vector<SymbolId> symbols,
                                            std::shared_ptr<Tops> tops);

/// `instruments-info`, every minute: which symbols are traded, and whether they are the pairs of the market
/// map. The venue lists only what is traded.
std::unique_ptr<PollSession> make_listing_poll(const MarketMap& map, std::vector<SymbolId> symbols);

}  // namespace kurs::bybit
