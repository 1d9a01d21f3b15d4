#pragma once

#include "kurs/domain/market_map.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/domain/tick.hpp"

namespace kurs::testing {

using namespace std::chrono_literals;

inline Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}
inline Direction direction(std::string_view text) {
    return Direction::parse(text).value();
}

/// A moment to count from.
inline constexpr TimePoint noon{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) +
                                std::chrono::hours(12)};

inline constexpr VenueId binance{0}, coingecko{1}, cbr{2};
inline constexpr SymbolId btcusdt{0}, usdcusdt{1}, tether_rub{2}, tether_usd{3}, cbr_usd{4}, bitcoin_rub{5},
    bitcoin_usd{6};
inline constexpr DirectionId btc_rub{0}, btc_usd{1}, usdt_usd{2};

/// BTC-RUB, BTC-USD and USDTTRC-USD at both exchangers, with a reference rate of two sources.
inline MarketMap small_market() {
    const auto symbol = [](VenueId venue, std::string name, std::string base, std::string quote,
                           Duration max_age) {
        return Symbol{venue, std::move(name), std::move(base), std::move(quote), {max_age, 20, {}, {}}};
    };
    const auto leg = [](SymbolId id, bool inverted, Duration max_age) { return Leg{id, inverted, max_age}; };
    MarketMap map;
    map.venues = {"binance", "coingecko", "cbr"};
    map.exchangers = {binance, coingecko};
    map.symbols = {symbol(binance, "BTCUSDT", "BTC", "USDT", 5s),
                   symbol(binance, "USDCUSDT", "USDC", "USDT", 5s),
                   symbol(coingecko, "tether/rub", "USDT", "RUB", 180s),
                   symbol(coingecko, "tether/usd", "USDT", "USD", 180s),
                   symbol(cbr, "USD/RUB", "USD", "RUB", 12 * 24h),
                   symbol(coingecko, "bitcoin/rub", "BTC", "RUB", 180s),
                   symbol(coingecko, "bitcoin/usd", "BTC", "USD", 180s)};
    map.symbols[index(usdcusdt)].limits.min = rate("0.9");
    map.symbols[index(usdcusdt)].limits.max = rate("1.1");
    map.directions = {direction("BTC-RUB"), direction("BTC-USD"), direction("USDTTRC-USD")};
    map.reference_rates = {{direction("USD-RUB"),
                            {{{leg(tether_rub, false, 15min), leg(tether_usd, true, 15min)}, {}},
                             {{leg(cbr_usd, false, 12 * 24h)}, {}}}}};
    const ReferenceRateId usd_rub{0};
    const auto btc = leg(btcusdt, false, 5s), usdc = leg(usdcusdt, true, 5s);
    map.routes = {{binance, btc_rub, {btc, usdc}, {{usd_rub, false}}},
                  {binance, btc_usd, {btc, usdc}, {}},
                  {binance, usdt_usd, {usdc}, {}},
                  {coingecko, btc_rub, {leg(bitcoin_rub, false, 180s)}, {}},
                  {coingecko, btc_usd, {leg(bitcoin_usd, false, 180s)}, {}},
                  {coingecko, usdt_usd, {leg(tether_usd, false, 180s)}, {}}};
    map.same_as = {{"USDTTRC", "USDT"}, {"USDC", "USD"}};
    return map;
}

inline Tick tick(SymbolId symbol, std::string_view bid, std::string_view ask, TimePoint at,
                 std::uint64_t sequence = 0) {
    return {symbol, rate(bid), rate(ask), at, sequence};
}

inline Tick last_price(SymbolId symbol, std::string_view price, TimePoint at) {
    return tick(symbol, price, price, at);
}

}  // namespace kurs::testing
