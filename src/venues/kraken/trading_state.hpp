#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/venue/frame.hpp"

namespace kurs::kraken {

/// Which symbols the venue trades, as its stream and its REST API report it. Shared by the sessions of the
/// venue's feeds. A symbol trades until something else is reported.
class TradingState {
public:
    /// `map` must outlive the state.
    TradingState(const MarketMap& map, std::vector<SymbolId> symbols);

    /// Records the status of a pair, such as "online" or "delisted".
    Listing set_pair(SymbolId symbol, std::string_view status);

    /// Records the status of the whole venue, such as "maintenance". Returns the listing of every symbol.
    std::vector<Listing> set_system(std::string_view status);

    std::string_view system() const { return system_; }

    /// The symbols whose pairs trade, whatever the status of the venue. All symbols if none does, so that
    /// the feed keeps a connection.
    std::vector<SymbolId> subscribable() const;

    /// Changes with `subscribable()`.
    int edition() const { return edition_; }

    const MarketMap& map() const { return map_; }
    const std::vector<SymbolId>& symbols() const { return symbols_; }

private:
    Listing listing(SymbolId symbol) const;
    std::string_view status_of(SymbolId symbol) const;

    const MarketMap& map_;
    std::vector<SymbolId> symbols_;
    std::map<SymbolId, std::string> statuses_;
    std::string system_ = "online";
    int edition_ = 0;
};

}  // namespace kurs::kraken
