#pragma once

#include <array>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "market.hpp"
#include "rouble_rate.hpp"

namespace sim {

/// How far the fault `stale_time` backdates a price.
inline constexpr std::int64_t seconds_of_stale_prices = 7200;

/// A coin and the currency it is quoted in: "tether/usd".
struct CoinPair {
    std::string coin;
    std::string currency;

    friend auto operator<=>(const CoinPair&, const CoinPair&) = default;
};

std::string to_string(const CoinPair& pair);
/// None unless the service quotes both parts.
std::optional<CoinPair> parse_coin_pair(std::string_view text);

struct Coin {
    std::string_view id;
    std::string_view symbol;
    std::string_view name;
};

inline constexpr std::array<Coin, 4> coins{{
    {"bitcoin", "btc", "Bitcoin"},
    {"ethereum", "eth", "Ethereum"},
    {"tether", "usdt", "Tether"},
    {"solana", "sol", "Solana"},
}};
inline constexpr std::array<std::string_view, 3> currencies{"usd", "rub", "eur"};

/// CoinGecko's prices for the walking market: the dollar price of tether follows from the USDC book, all
/// other prices follow from that.
class CoinGeckoQuotes {
public:
    CoinGeckoQuotes(const Market& market, const RoubleRate& rouble) : market_(market), rouble_(rouble) {}

    /// A JSON number in full precision. None for an unknown coin or currency.
    std::optional<std::string> price(const CoinPair& pair) const;

    void pin(const CoinPair& pair, std::string price) { pinned_[pair] = std::move(price); }
    void release(const CoinPair& pair) { pinned_.erase(pair); }

private:
    double in_dollars(std::string_view coin) const;
    double dollars_for_one(std::string_view currency) const;
    double middle(std::string_view symbol) const;

    const Market& market_;
    const RoubleRate& rouble_;
    std::map<CoinPair, std::string> pinned_;
};

/// The number as /simple/price prints it for a `precision` of decimals.
std::string with_precision(const std::string& price, int decimals);
/// The number without that parameter: whole dollars for large prices, more decimals for small ones.
std::string with_default_precision(const std::string& price);

}  // namespace sim
