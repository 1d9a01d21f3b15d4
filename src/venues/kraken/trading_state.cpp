#include "venues/kraken/trading_state.hpp"

#include <algorithm>

namespace kurs::kraken {
namespace {

/// Orders are matched. In `post_only` and `cancel_only` they are not, so a book there is no price.
bool is_matching(std::string_view status) {
    return status == "online" || status == "limit_only";
}

}  // namespace

TradingState::TradingState(const MarketMap& map, std::vector<SymbolId> symbols)
    : map_(map), symbols_(std::move(symbols)) {}

Listing TradingState::set_pair(SymbolId symbol, std::string_view status) {
    if (is_matching(status_of(symbol)) != is_matching(status)) ++edition_;
    statuses_[symbol] = status;
    return listing(symbol);
}

std::vector<Listing> TradingState::set_system(std::string_view status) {
    system_ = status;
    std::vector<Listing> listings;
    for (const SymbolId symbol : symbols_) listings.push_back(listing(symbol));
    return listings;
}

std::vector<SymbolId> TradingState::subscribable() const {
    auto trading = symbols_;
    std::erase_if(trading, [this](SymbolId symbol) { return !is_matching(status_of(symbol)); });
    return trading.empty() ? symbols_ : trading;
}

Listing TradingState::listing(SymbolId symbol) const {
    if (!is_matching(system_)) return {symbol, false, "system " + system_};
    const auto status = status_of(symbol);
    return {symbol, is_matching(status), std::string(status)};
}

std::string_view TradingState::status_of(SymbolId symbol) const {
    const auto found = statuses_.find(symbol);
    return found == statuses_.end() ? std::string_view("online") : found->second;
}

}  // namespace kurs::kraken
