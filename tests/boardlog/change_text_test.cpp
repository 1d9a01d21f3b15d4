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
    change.quotes[0].dispute = "1.02 % above the median";
    change.quotes[0].legs[1].confirmation =
        Confirmation{std::chrono::floor<std::chrono::days>(noon), noon - 2ms};
    const auto read = parse_change(map, to_text(map, change)).value();
    EXPECT_EQ(read.quotes.at(0).dispute, "1.02 % above the median");
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
    EXPECT_FALSE(quote.legs[0].confirmation);
    EXPECT_EQ(quote.legs[1].confirmation, change.quotes[0].legs[1].confirmation);
    EXPECT_EQ(read.lost.at(0).venue, coingecko);
    EXPECT_EQ(read.active->reason, "8 fresh \"against\" 6");
}

TEST(ChangeText, IsNoLargerThanTheLargestOfItsMarketMap) {
    auto map = small_market();
    map.directions.clear();
    map.reference_rates = {{Direction::parse("USDT-USD").value(), {{{Leg{SymbolId{1}, true}}, {}}}}};
    BoardChange change{
        1'764'000'000'000'123, noon, {}, {}, ActiveChange{noon, "binance", "8 fresh against 6"}};
    for (int i = 0; i < 1'000; ++i) {
        const auto direction = static_cast<DirectionId>(i);
        map.directions.push_back(Direction::parse("C" + std::to_string(i) + "-USD").value());
        map.routes.push_back({binance, direction, {Leg{SymbolId{0}}}, {{ReferenceRateId{0}}}});
        change.quotes.push_back(quote(binance, direction, "340282366920938463463.374607431768211455"));
        change.quotes.back().dispute = std::string(400, '.');
        for (auto& leg : change.quotes.back().legs) leg.confirmation = Confirmation{{}, noon};
    }
    const auto size = to_text(map, change).size();
    EXPECT_GT(size, 400'000u);
    EXPECT_LE(size, largest_text(map));
    EXPECT_LT(largest_text(map), 2 * size);
}

TEST(ChangeText, IsNoLargerThanTheLargestIfEveryDirectionIsLost) {
    auto map = small_market();
    map.routes.clear();
    map.directions.clear();
    BoardChange change;
    for (int i = 0; i < 1'000; ++i) {
        map.directions.push_back(Direction::parse("C" + std::to_string(i) + "-USD").value());
        for (std::size_t venue = 0; venue < map.venues.size(); ++venue)
            change.lost.push_back({static_cast<VenueId>(venue), static_cast<DirectionId>(i)});
    }
    EXPECT_LE(to_text(map, change).size(), largest_text(map));
}

TEST(ChangeText, LeavesOutNamesThatThisMarketMapLacks) {
    const auto map = small_market();
    auto other = map;
    other.symbols[1].name = "FDUSDUSDT";
    const BoardChange change{1, noon, {quote(binance, btc_usd, "1")}, {}, {}};
    EXPECT_TRUE(parse_change(map, to_text(other, change)).value().quotes.empty());
}

// As 0.1.0 wrote it, before entries had a format.
TEST(ChangeText, OfAnEarlierReleaseIsRead) {
    const auto read = parse_change(
        small_market(),
        R"({"active":{"at":1700000000000,"reason":"8 fresh","venue":"binance"},"lost":[{"direction":"ETH-USD","venue":)"
        R"("coingecko"}],"quotes":[{"ask":"64100.2","bid":"64100","direction":"BTC-USD","fresh_until":1700000004000,)"
        R"("legs":[{"ask":"64100.2","bid":"64100","inverted":false,"observed_at":1699999999000,"symbol":"BTCUSDT",)"
        R"("venue":"binance"}],"observed_at":1699999999000,"value":"64100.1","venue":"binance"}],)"
        R"("version":1700000000000000,"visible_at":1700000000100})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version, 1'700'000'000'000'000u);
    EXPECT_EQ(read->quotes.at(0).value, rate("64100.1"));
    EXPECT_EQ(read->quotes.at(0).legs.at(0).symbol, SymbolId{0});
    EXPECT_EQ(read->lost.size(), 1u);
    EXPECT_EQ(read->active->venue, "binance");
}

TEST(ChangeText, OfALaterReleaseIsReadIfOnlyFieldsWereAdded) {
    const auto map = small_market();
    auto text = to_text(map, {7, noon, {quote(binance, btc_usd, "1")}, {}, {}});
    EXPECT_TRUE(text.starts_with(R"({"format":1,)")) << text;
    text.insert(1, R"("later":{"a":[1]},)");
    EXPECT_EQ(parse_change(map, text)->quotes.size(), 1u);
}

TEST(ChangeText, OfANewerFormatIsRefused) {
    const auto* const text = R"({"format":2,"version":7,"visible_at":0,"quotes":[],"lost":[]})";
    EXPECT_EQ(parse_change(small_market(), text).error(), errc::unknown_event);
}

TEST(ChangeText, MalformedTextIsRefused) {
    const auto map = small_market();
    for (const auto* text :
         {"", "{", "[]", "{}", R"({"version":1})", R"({"version":-1,"visible_at":0,"quotes":3})",
          R"({"version":1,"visible_at":0,"quotes":[{"venue":"binance"}],"lost":[]})",
          R"({"version":1,"visible_at":0,"quotes":[],"lost":[["binance","x"]]})",
          R"({"version":1,"visible_at":1.8e31,"quotes":[],"lost":[]})",
          R"({"format":"1","version":1,"visible_at":0,"quotes":[],"lost":[]})"}) {
        EXPECT_FALSE(parse_change(map, text)) << text;
    }
}

}  // namespace
}  // namespace kurs
