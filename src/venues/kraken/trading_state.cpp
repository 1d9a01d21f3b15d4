#include "venues/kraken/trading_state.hpp"

namespace kurs::kraken {
namespace {

/// Orders are matched. In `post_only` and `cancel_only` they are not, so a book there is no price.
bool is_matching(std::string_view status) {
    return status == "online" || status == "limit_only";
}

}  // namespace

std::shared_ptr<TradingState> make_trading_state(const MarketMap& map, std::vector<SymbolId> symbols) {
    return std::make_shared<TradingState>(map, std::move(symbols), is_matching);
}

}  // namespace kurs::kraken
