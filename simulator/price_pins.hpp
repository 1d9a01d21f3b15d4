#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "coingecko_quotes.hpp"
#include "market.hpp"
#include "rouble_rate.hpp"

namespace sim {

/// Pins prices to the values of a test, and releases them.
class PricePins {
public:
    using ShowBook = std::function<void(const std::string& symbol, Instant now)>;
    using ShowCoin = std::function<void(const CoinPair& pair, Instant now)>;

    PricePins(Market& market, CoinGeckoQuotes& quotes, RoubleRate& rouble, ShowBook show_book,
              ShowCoin show_coin);

    /// Applies {"BTCUSDT":{"bid":"…","ask":"…"},"tether/usd":"0.93","USD/RUB":null} completely, or throws
    /// Rejected and changes nothing.
    void apply(const nlohmann::json& body, Instant now);

private:
    using Change = std::function<void()>;
    Change book_change(const std::string& symbol, const nlohmann::json& wanted, Instant now);
    Change coin_change(const CoinPair& pair, const nlohmann::json& wanted, Instant now);
    Change rouble_change(const nlohmann::json& wanted, Instant now);

    Market& market_;
    CoinGeckoQuotes& quotes_;
    RoubleRate& rouble_;
    ShowBook show_book_;
    ShowCoin show_coin_;
};

}  // namespace sim
