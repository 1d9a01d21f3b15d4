#include <gtest/gtest.h>

#include "okx_fixture.hpp"
#include "venues/okx/venue.hpp"

namespace kurs::okx {
namespace {

SettingValues defaults() {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    return values;
}

TEST(OkxVenue, SpellsSymbolsAsTwoCodes) {
    const auto spelling = venue().spelling;
    for (const auto* symbol : {"BTC-USDT", "USDC-USDT", "1INCH-EUR"})
        EXPECT_TRUE(spelling.is_symbol(symbol)) << symbol;
    for (const auto* other :
         {"", "-", "BTCUSDT", "btc-usdt", "BTC-", "-USDT", "BTC-USDT-SWAP", "BTC/USDT", "BTC-US\"D"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
    const auto pair = spelling.spelt_pair("USDC-USDT");
    EXPECT_EQ(pair.base + " in " + pair.quote, "USDC in USDT");
}

TEST(OkxVenue, AddressesOfTheVenue) {
    const auto map = okx_books();
    const auto feeds = venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
    EXPECT_EQ(feeds.stream->endpoints.at(0).host + feeds.stream->endpoints[0].path,
              "ws.okx.com/ws/v5/public");
    EXPECT_EQ(feeds.stream->endpoints[0].port, 443) << "8443 is closed";
    EXPECT_EQ(feeds.stream->connections, 2U);
    EXPECT_EQ(feeds.poll->endpoint.host, "openapi.okx.com");
    EXPECT_EQ(feeds.listing->endpoint.host, "openapi.okx.com");
}

TEST(OkxVenue, ItsFeedsShareWhatTheyKnowOfTrading) {
    const auto map = okx_books();
    const auto feeds = venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
    const auto session = feeds.stream->venue->make_session();
    feeds.listing->session->make_request(noon);
    const auto suspended =
        R"({"code":"0","msg":"","data":[{"instId":"USDC-USDT","baseCcy":"USDC","quoteCcy":"USDT","state":"suspend"}]})";
    feeds.listing->session->on_response({200, {}, suspended}, noon);
    EXPECT_TRUE(session->on_time(noon).farewell);
    EXPECT_EQ(feeds.stream->venue->make_session()->symbols().size(), 2U);
}

}  // namespace
}  // namespace kurs::okx
