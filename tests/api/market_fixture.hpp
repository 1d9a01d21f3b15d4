#pragma once

#include "kurs/api/api.hpp"

namespace kurs::api {

using namespace std::chrono_literals;

inline constexpr VenueId binance{0};
inline constexpr VenueId coingecko{1};
inline constexpr VenueId cbr{2};  // a source of reference rates, not an exchanger
inline constexpr DirectionId btc_rub{0};
inline constexpr DirectionId btc_usd{1};
inline constexpr DirectionId eth_usd{2};
inline constexpr SymbolId btcusdt{0};
inline constexpr SymbolId usdcusdt{1};
inline constexpr SymbolId usd_rub{2};
inline constexpr SymbolId bitcoin_usd{3};
inline constexpr TimePoint noon{1'700'000'000s};  // 2023-11-14T22:13:20Z

inline Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

inline MarketMap small_market() {
    MarketMap map;
    map.venues = {"binance", "coingecko", "cbr"};
    map.titles = {{"cbr", {"Bank of Russia", "Банк России"}}};
    map.aliases = {{"coingeko", "coingecko"}};
    map.exchangers = {binance, coingecko};
    for (const auto* text : {"BTC-RUB", "BTC-USD", "ETH-USD"})
        map.directions.push_back(*Direction::parse(text));
    map.symbols = {{binance, "BTCUSDT", "BTC", "USDT", {}},
                   {binance, "USDCUSDT", "USDC", "USDT", {}},
                   {cbr, "USD/RUB", "USD", "RUB", {}},
                   {coingecko, "bitcoin/usd", "BTC", "USD", {}}};
    map.reference_rates = {{*Direction::parse("USD-RUB"), {{{{usd_rub, false, 24h}}, {}}}}};
    const Leg btc{btcusdt, false, 5s};
    const Leg usdc{usdcusdt, true, 5s};
    map.routes = {{binance, btc_rub, {btc, usdc}, {{ReferenceRateId{0}, false}}},
                  {binance, btc_usd, {btc, usdc}, {}},
                  {binance, eth_usd, {usdc}, {}},
                  {coingecko, btc_usd, {{bitcoin_usd, false, 180s}}, {}}};
    return map;
}

inline Quote quote(VenueId venue, DirectionId direction, std::string_view value, TimePoint observed_at = noon,
                   Duration limit = 5s) {
    const auto price = rate(value);
    return {venue, direction, price, price, price, observed_at, observed_at + limit, {}};
}

/// "bestchange" sells BTC and ETH for dollars, with a markup of one percent.
inline exports::Exports small_exports() {
    exports::Export bestchange;
    bestchange.name = "bestchange";
    for (const auto& [code, direction] : {std::pair("BTC", btc_usd), std::pair("ETH", eth_usd)}) {
        exports::Item item;
        item.from = {code, 8, 8, {}};
        item.to = {"CARDUSD", 2, 2, rate("100000")};
        item.direction = direction;
        item.tiers = {{std::nullopt, exports::one_in_ppb / 100}};
        item.min = rate("0.001");
        bestchange.items.push_back(item);
    }
    return {{bestchange}, {}};
}

/// Binance's BTC-USD with two legs, of which the first is younger.
inline Quote crossed_quote(TimePoint observed_at = noon) {
    auto crossed = quote(binance, btc_usd, "54000.5", observed_at);
    crossed.bid = rate("53999.999999999999999999");
    crossed.ask = rate("54001");
    crossed.legs = {{btcusdt, false, rate("54001.1"), rate("54002.2"), observed_at + 250ms},
                    {usdcusdt, true, rate("1.00001"), rate("1.00002"), observed_at}};
    return crossed;
}

/// A board on which Binance is active with two of the three directions.
struct Market {
    explicit Market(TimePoint now = noon, Duration limit = 5s, std::vector<Asset> files = {})
        : assets(std::move(files)) {
        board.apply(quote(binance, btc_usd, "54000.000123", now, limit));
        board.apply(quote(binance, eth_usd, "3000", now, limit));
        board.choose_active(now);
    }

    MarketMap map = small_market();
    Board board{map, 30s};
    FailoverHistory failovers;
    std::vector<std::string> reasons;  ///< why it is not ready
    std::vector<FeedReport> lines;
    std::vector<VenueId> requested;  ///< exchangers that were requested by name

    std::vector<Asset> assets;
    exports::Exports exports = small_exports();

    Sources sources() {
        Sources all{board, failovers, [this] { return reasons; }, [this] { return lines; },
                    [this](VenueId venue, TimePoint) { requested.push_back(venue); }};
        all.assets = assets;
        all.exports = &exports;
        return all;
    }
};

inline constexpr std::string_view both_courses =
    R"({"exchanger":"binance","courses":[{"direction":"BTC-USD","value":54000.000123},)"
    R"({"direction":"ETH-USD","value":3000}]})";

}  // namespace kurs::api
