#include "kurs/domain/market_map.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

TEST(MarketMap, FindsASymbolByItsVenueAndName) {
    const auto map = small::small_market();
    EXPECT_EQ(map.find_symbol("binance", "USDCUSDT"), SymbolId{1});
    EXPECT_FALSE(map.find_symbol("coingecko", "USDCUSDT")) << "another venue's";
    EXPECT_FALSE(map.find_symbol("binance", "usdcusdt"));
    EXPECT_FALSE(map.find_symbol("nowhere", "USDCUSDT"));
}

TEST(MarketMap, FindsWhatItHasByName) {
    auto map = small::small_market();
    EXPECT_EQ(map.find_venue("binance"), VenueId{0});
    EXPECT_FALSE(map.find_venue("nowhere"));
    EXPECT_EQ(map.find_direction(map.directions.at(0)), DirectionId{0});
    EXPECT_FALSE(map.find_direction(Direction::parse("AAA-BBB").value()));
    EXPECT_EQ(map.symbols_of(VenueId{0}).front(), SymbolId{0});
    EXPECT_EQ(map.title(VenueId{0}).en, "binance");
    map.same_as["USDTTRC"] = "USDT";
    EXPECT_EQ(map.canonical("USDTTRC"), "USDT");
    EXPECT_EQ(map.canonical("BTC"), "BTC");
    map.places["JPY"] = 0;
    EXPECT_EQ(map.places_of("JPY"), 0);
    EXPECT_EQ(map.places_of("BTC"), MarketMap::usual_places);
}

TEST(MarketMap, ListsEachAssetOnce) {
    MarketMap map;
    for (const auto* text : {"BTC-USD", "ETH-USD", "BTC-EUR"})
        map.directions.push_back(Direction::parse(text).value());
    EXPECT_EQ(map.assets(), (std::vector<std::string_view>{"BTC", "USD", "ETH", "EUR"}));
    EXPECT_TRUE(map.has_asset("ETH") && map.has_asset("EUR"));
    EXPECT_FALSE(map.has_asset("RUB"));
}

TEST(MarketMap, WritesTheFormulaOfARate) {
    auto map = small::small_market();
    const auto& name = map.symbols.at(0).name;
    EXPECT_EQ(map.formula({{SymbolId{0}, false}, {SymbolId{1}, true}}, {}), name + " / USDCUSDT");
    EXPECT_EQ(map.formula({{SymbolId{1}, true}, {SymbolId{0}, false}}, {}), "1 / USDCUSDT * " + name);
}

}  // namespace
}  // namespace kurs
