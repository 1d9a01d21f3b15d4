#include "kurs/config/venue_selection.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

std::vector<std::string> texts(const std::vector<Direction>& directions) {
    std::vector<std::string> all;
    for (const auto& direction : directions) all.push_back(direction.text());
    return all;
}

/// The product of the route as text, such as "binance BTC-USD: BTCUSDT / USDCUSDT".
std::string text_of(const MarketMap& map, const Route& route) {
    std::string text = map.name(route.venue) + " " + map.direction(route.direction).text() + ":";
    for (const Leg& leg : route.legs) text += (leg.inverted ? " / " : " ") + map.symbol(leg.symbol).name;
    for (const auto& step : route.references)
        text += " * " + map.reference_rates[index(step.rate)].direction.text();
    return text;
}

std::vector<std::string> routes_of(const MarketMap& map) {
    std::vector<std::string> all;
    for (const auto& route : map.routes) all.push_back(text_of(map, route));
    return all;
}

TEST(VenueSelection, OfAllVenuesChangesNothing) {
    const auto map = small_market();
    const auto selection = select_venues(map, {"binance", "coingecko", "cbr"});
    EXPECT_EQ(selection.losses, std::vector<std::string>{});
    EXPECT_EQ(selection.map.venues, map.venues);
    EXPECT_EQ(selection.map.symbols.size(), map.symbols.size());
    EXPECT_EQ(routes_of(selection.map), routes_of(map));
}

TEST(VenueSelection, KeepsTheOtherSourcesOfAReferenceRate) {
    const auto [map, losses] = select_venues(small_market(), {"binance", "cbr"});
    EXPECT_EQ(losses, std::vector<std::string>{});
    EXPECT_EQ(map.venues, (std::vector<std::string>{"binance", "cbr"}));
    EXPECT_EQ(map.exchangers, std::vector<VenueId>{VenueId{0}});
    ASSERT_EQ(map.reference_rates.at(0).sources.size(), 1U);
    const auto usd = map.reference_rates[0].sources[0].legs.at(0).symbol;
    EXPECT_EQ(map.symbol(usd).name, "USD/RUB");
    EXPECT_EQ(map.name(map.symbol(usd).venue), "cbr");
    EXPECT_EQ(routes_of(map), (std::vector<std::string>{"binance BTC-RUB: BTCUSDT / USDCUSDT * USD-RUB",
                                                        "binance BTC-USD: BTCUSDT / USDCUSDT",
                                                        "binance USDTTRC-USD: / USDCUSDT"}));
}

TEST(VenueSelection, KeepsThePlacesOfAssets) {
    auto map = small_market();
    map.places = {{"RUB", 2}};
    EXPECT_EQ(select_venues(map, {"coingecko"}).map.places_of("RUB"), 2);
}

TEST(VenueSelection, NamesTheDirectionsThatNoVenueIsLeftFor) {
    const auto [map, losses] = select_venues(small_market(), {"binance"});
    EXPECT_EQ(texts(map.directions), (std::vector<std::string>{"BTC-USD", "USDTTRC-USD"}));
    EXPECT_TRUE(map.reference_rates.empty());
    EXPECT_EQ(routes_of(map), (std::vector<std::string>{"binance BTC-USD: BTCUSDT / USDCUSDT",
                                                        "binance USDTTRC-USD: / USDCUSDT"}));
    EXPECT_EQ(losses,
              (std::vector<std::string>{"leaves out coingecko, cbr: reference rate USD-RUB has no source",
                                        "leaves out coingecko, cbr: directions not served: BTC-RUB"}));
}

TEST(VenueSelection, KeepsTheConsensusWhereTwoExchangersAreLeft) {
    auto market = small_market();
    market.consensus = VenueId{3};
    market.venues.emplace_back("consensus");
    market.exchangers.push_back(*market.consensus);
    for (const auto direction : {btc_rub, usdt_usd})
        market.routes.push_back({*market.consensus, direction, {}, {}});
    const auto both = select_venues(market, {"binance", "coingecko"});
    EXPECT_EQ(both.losses, std::vector<std::string>{});
    EXPECT_EQ(both.map.name(both.map.consensus.value()), "consensus");
    EXPECT_EQ(both.map.exchangers.size(), 3U);
    EXPECT_TRUE(
        both.map.find_route(*both.map.consensus, both.map.find_direction(direction("USDTTRC-USD")).value()));

    const auto one = select_venues(market, {"binance", "cbr"});
    EXPECT_EQ(one.losses, std::vector<std::string>{});
    EXPECT_FALSE(one.map.consensus);
    EXPECT_EQ(one.map.venues, (std::vector<std::string>{"binance", "cbr"}));
}

TEST(VenueSelection, NamesTheRatesThatAnExchangerLoses) {
    auto market = small_market();
    market.reference_rates[0].sources.erase(market.reference_rates[0].sources.begin());
    const auto [map, losses] = select_venues(market, {"binance", "coingecko"});
    EXPECT_EQ(map.directions.size(), 3U);
    EXPECT_EQ(losses, (std::vector<std::string>{"leaves out cbr: reference rate USD-RUB has no source",
                                                "leaves out cbr: binance has no rate of BTC-RUB"}));
}

TEST(VenueSelection, ByTheSettingAcceptsAnyCaseAndNoneForAll) {
    std::vector<Problem> problems;
    EXPECT_EQ(select_venues(small_market(), std::vector<std::string>{}, problems).map.venues.size(), 3U);
    EXPECT_EQ(select_venues(small_market(), {"CoinGecko", "cbr"}, problems).map.venues,
              (std::vector<std::string>{"coingecko", "cbr"}));
    EXPECT_TRUE(problems.empty());
}

TEST(VenueSelection, ByTheSettingRefusesUnknownNamesAndAnEmptyService) {
    std::vector<Problem> problems;
    select_venues(small_market(), {"binence", "coingecko", ""}, problems);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(to_string(problems[0]),
              "VENUES is 'binence': must name venues of the market map: binance, coingecko, cbr");
    problems.clear();
    select_venues(small_market(), {"cbr"}, problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(to_string(problems[0]),
              "VENUES is 'cbr': must include an exchanger that has a route: binance, coingecko");
}

}  // namespace
}  // namespace kurs
