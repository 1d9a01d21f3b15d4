#include "kurs/boardlog/change_text.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

TEST(ChangeText, CarriesChangesWithoutLoss) {
    const auto map = small_market();
    BoardChange change{1'764'000'000'000'123,
                       noon,
                       {quote(binance, btc_usd, "64100.123456789012345678")},
                       {{coingecko, eth_usd}},
                       ActiveChange{noon, "coingecko", "8 fresh \"against\" 6"}};
    const auto read = parse_change(map, to_text(map, change)).value();
    EXPECT_EQ(read.version, change.version);
    EXPECT_EQ(read.visible_at, noon);
    ASSERT_EQ(read.quotes.size(), 1u);
    const auto& quote = read.quotes[0];
    EXPECT_EQ(quote.value, rate("64100.123456789012345678"));
    EXPECT_EQ(quote.observed_at, noon - 1s);
    EXPECT_EQ(quote.fresh_until, noon + 4s);
    ASSERT_EQ(quote.legs.size(), 2u);
    EXPECT_EQ(quote.legs[1].symbol, SymbolId{1});
    EXPECT_TRUE(quote.legs[1].inverted);
    EXPECT_EQ(quote.legs[1].bid, rate("0.999900000000000001"));
    EXPECT_EQ(read.lost.at(0).venue, coingecko);
    EXPECT_EQ(read.active->reason, "8 fresh \"against\" 6");
}

TEST(ChangeText, LeavesOutNamesThatThisMarketMapLacks) {
    const auto map = small_market();
    auto other = map;
    other.symbols[1].name = "FDUSDUSDT";
    const BoardChange change{1, noon, {quote(binance, btc_usd, "1")}, {}, {}};
    EXPECT_TRUE(parse_change(map, to_text(other, change)).value().quotes.empty());
}

TEST(ChangeText, MalformedTextIsRefused) {
    const auto map = small_market();
    for (const auto* text :
         {"", "{", "[]", "{}", R"({"version":1})", R"({"version":-1,"visible_at":0,"quotes":3})",
          R"({"version":1,"visible_at":0,"quotes":[{"venue":"binance"}],"lost":[]})",
          R"({"version":1,"visible_at":0,"quotes":[],"lost":[["binance","x"]]})"}) {
        EXPECT_FALSE(parse_change(map, text)) << text;
    }
}

}  // namespace
}  // namespace kurs
