#pragma once

#include <map>
#include <memory>

#include "kurs/venue/tops.hpp"
#include "kurs/venue/trading_state.hpp"
#include "kurs/venue/venue_time.hpp"

namespace kurs::coinbase {

struct Heartbeat {
    std::uint64_t sequence = 0;  ///< of the product's newest order event
    VenueTime time;
};

/// What the sessions of the venue's feeds tell each other about a product.
struct ProductNews {
    TimePoint confirmed_at{};  ///< the newest time at which a stream's price was true
    Heartbeat heartbeat;       ///< the newest
};

/// Products that trade. `map` must outlive the state.
std::shared_ptr<TradingState> make_trading_state(const MarketMap& map, std::vector<SymbolId> symbols);

struct Shared {
    /// `map` must outlive it.
    Shared(const MarketMap& map, std::vector<SymbolId> symbols)
        : trading(make_trading_state(map, std::move(symbols))) {}

    const MarketMap& map() const { return trading->map(); }

    std::shared_ptr<TradingState> trading;
    Tops tops;  ///< numbered by the venue's time in microseconds
    std::map<SymbolId, ProductNews> news;
    std::uint64_t sessions = 0;  ///< of the stream, so far
};

}  // namespace kurs::coinbase
