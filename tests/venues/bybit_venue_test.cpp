#include "venues/bybit/venue.hpp"

#include "bybit_fixture.hpp"

namespace kurs::bybit {
namespace {

SettingValues defaults() {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    return values;
}

VenueFeeds feeds_of(const MarketMap& map) {
    return venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
}

TEST(BybitVenue, SpellsSymbolsAsTheCodesTogether) {
    const auto spelling = venue().spelling;
    EXPECT_TRUE(spelling.is_from_codes);
    for (const auto* symbol : {"BTCUSDT", "1INCHEUR"}) EXPECT_TRUE(spelling.is_symbol(symbol)) << symbol;
    for (const auto* other : {"", "BTC", "BTC/USDT", "btcusdt", "BTC-USDT", "BTC\"USDT"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
}

TEST(BybitVenue, BridgesItsStreamByRest) {
    const auto map = tether_books();
    const auto feeds = feeds_of(map);
    EXPECT_EQ(feeds.stream->endpoints.at(0).host + feeds.stream->endpoints[0].path,
              "stream.bybit.com/v5/public/spot");
    EXPECT_EQ(feeds.stream->connections, 2U);
    EXPECT_EQ(feeds.poll->endpoint.host, "api.bybit.com");
    EXPECT_EQ(feeds.listing->endpoint.host, "api.bybit.com");
    EXPECT_TRUE(feeds.is_standby);
}

TEST(BybitVenue, ItsFeedsShareWhatTheyKnowOfTheBooks) {
    const auto map = tether_books();
    const auto feeds = feeds_of(map);
    const auto session = feeds.stream->venue->make_session();
    session->on_frame(frame("1", "snapshot", {.bids = "", .sequence = 200}, noon, noon), noon);
    feeds.poll->session->make_request(noon);
    const WrittenBook old;
    const auto body = R"({"retCode":0,"result":{)" + old.members() + R"(,"ts":1,"cts":1}})";
    EXPECT_TRUE(feeds.poll->session->on_response({200, {}, body}, noon).ticks.empty());
}

/// The stream knows nothing of trading; the listing's word comes through `set_trading`.
TEST(BybitVenue, ASymbolThatIsNotTradedIsLeftOut) {
    const auto map = tether_books();
    const auto feeds = feeds_of(map);
    const auto session = feeds.stream->venue->make_session();
    EXPECT_EQ(session->symbols().size(), 3U);
    EXPECT_FALSE(session->on_frame(R"({"op":"pong"})", noon).farewell);
    feeds.stream->venue->set_trading(usdc, false);
    EXPECT_TRUE(session->on_frame(R"({"op":"pong"})", noon).farewell);
    EXPECT_EQ(feeds.stream->venue->make_session()->symbols(), (std::vector{btc, eth}));
    feeds.stream->venue->set_trading(btc, false);
    feeds.stream->venue->set_trading(eth, false);
    EXPECT_EQ(feeds.stream->venue->make_session()->symbols().size(), 3U) << "it keeps a connection";
}

}  // namespace
}  // namespace kurs::bybit
