#include <gtest/gtest.h>

#include "kraken_fixture.hpp"
#include "venues/kraken/venue.hpp"

namespace kurs::kraken {
namespace {

SettingValues defaults() {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    return values;
}

TEST(KrakenVenue, SpellsSymbolsAsTwoCodes) {
    const auto spelling = venue().spelling;
    for (const auto* symbol : {"BTC/USD", "USDC/USDT", "1INCH/EUR"})
        EXPECT_TRUE(spelling.is_symbol(symbol)) << symbol;
    for (const auto* other :
         {"", "/", "BTCUSD", "btc/usd", "BTC/", "/USD", "BTC/USD/EUR", "BTC-USD", "BTC/US\"D"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
    const auto pair = spelling.spelt_pair("USDT/USD");
    EXPECT_EQ(pair.base + " in " + pair.quote, "USDT in USD");
}

TEST(KrakenVenue, BridgesItsStreamByRest) {
    const auto map = dollar_books();
    const auto feeds = venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
    EXPECT_EQ(feeds.stream->endpoints.at(0).host + feeds.stream->endpoints[0].path, "ws.kraken.com/v2");
    EXPECT_EQ(feeds.poll->endpoint.host, "api.kraken.com");
    EXPECT_EQ(feeds.listing->endpoint.host, "api.kraken.com");
    EXPECT_TRUE(feeds.is_standby);
}

TEST(KrakenVenue, ItsFeedsShareWhatTheyKnowOfTrading) {
    const auto map = dollar_books();
    const auto feeds = venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
    const auto session = feeds.stream->venue->make_session();
    feeds.listing->session->make_request(noon);
    feeds.listing->session->on_response({200, {}, R"({"error":[],"result":{"status":"online"}})"}, noon);
    feeds.listing->session->make_request(noon);
    const auto delisted = R"({"error":[],"result":{"USDCUSD":{"wsname":"USDC/USD","status":"delisted"}}})";
    feeds.listing->session->on_response({200, {}, delisted}, noon);
    EXPECT_TRUE(session->on_frame(R"({"channel":"heartbeat"})", noon).farewell);
    EXPECT_EQ(feeds.stream->venue->make_session()->symbols().size(), 3U);
    EXPECT_EQ(feeds.poll->session->make_request(noon).target,
              "/0/public/Ticker?pair=XBTUSD%2CETHUSD%2CUSDTUSD");
}

}  // namespace
}  // namespace kurs::kraken
