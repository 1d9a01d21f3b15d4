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

}  // namespace
}  // namespace kurs
