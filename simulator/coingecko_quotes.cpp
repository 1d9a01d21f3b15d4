#include "coingecko_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sim {
namespace {

/// The decimals that 17 digits of a double leave, between 8 and 14.
std::string full_precision(double price) {
    const int whole_digits = static_cast<int>(fmt::format("{:.0f}", price).size());
    return fmt::format("{:.{}f}", price, std::clamp(16 - whole_digits, 8, 14));
}

}  // namespace

std::string to_string(const CoinPair& pair) {
    return pair.coin + "/" + pair.currency;
}

std::optional<CoinPair> parse_coin_pair(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto coin = text.substr(0, slash);
    const auto currency = text.substr(slash + 1);
    if (std::ranges::find(coins, coin, &Coin::id) == coins.end()) return std::nullopt;
    if (std::ranges::find(currencies, currency) == currencies.end()) return std::nullopt;
    return CoinPair{std::string{coin}, std::string{currency}};
}

std::optional<std::string> CoinGeckoQuotes::price(const CoinPair& pair) const {
    if (!parse_coin_pair(to_string(pair))) return std::nullopt;
    const auto pinned = pinned_.find(pair);
    if (pinned != pinned_.end()) return pinned->second;
    return full_precision(in_dollars(pair.coin) / dollars_for_one(pair.currency));
}

double CoinGeckoQuotes::in_dollars(std::string_view coin) const {
    const auto pinned = pinned_.find({std::string{coin}, "usd"});
    if (pinned != pinned_.end()) return std::stod(pinned->second);
    if (coin == "tether") return 1 / middle("USDCUSDT");
    const auto symbol = coin == "bitcoin" ? "BTCUSDT" : coin == "ethereum" ? "ETHUSDT" : "SOLUSDT";
    return middle(symbol) * in_dollars("tether");
}

double CoinGeckoQuotes::dollars_for_one(std::string_view currency) const {
    if (currency == "rub") return 1 / rouble_.market();
    if (currency == "eur") return middle("EURUSDT") * in_dollars("tether");
    return 1;
}

double CoinGeckoQuotes::middle(std::string_view symbol) const {
    const auto* listing = market_.find(symbol);
    return listing ? mid(listing->book) : 1;
}

std::string with_precision(const std::string& price, int decimals) {
    return fmt::format("{:.{}f}", std::stod(price), decimals);
}

std::string with_default_precision(const std::string& price) {
    const double value = std::stod(price);
    return with_precision(price, value >= 1000 ? 0 : value >= 1.1 ? 2 : 6);
}

}  // namespace sim
