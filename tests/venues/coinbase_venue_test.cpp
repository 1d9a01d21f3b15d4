#include "venues/coinbase/venue.hpp"

#include "coinbase_fixture.hpp"

namespace kurs::coinbase {
namespace {

SettingValues defaults() {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    return values;
}

VenueFeeds feeds_of(const MarketMap& map) {
    return venue().open(defaults()).make_feeds(map, map.symbols_of(VenueId{0}));
}

TEST(CoinbaseVenue, SpellsSymbolsWithADash) {
    const auto spelling = venue().spelling;
    for (const auto* symbol : {"BTC-USD", "00-USD", "USDT-USD"})
        EXPECT_TRUE(spelling.is_symbol(symbol)) << symbol;
    for (const auto* other : {"", "BTC", "BTCUSD", "BTC/USD", "btc-usd", "BTC-USD-PERP", "BTC-US\"D"})
        EXPECT_FALSE(spelling.is_symbol(other)) << other;
    EXPECT_EQ(spelling.spelt_pair("BTC-USD").quote, "USD");
}

TEST(CoinbaseVenue, BridgesItsStreamByRest) {
    const auto map = dollar_books();
    const auto feeds = feeds_of(map);
    EXPECT_EQ(feeds.stream->endpoints.at(0).host + feeds.stream->endpoints[0].path,
              "ws-feed.exchange.coinbase.com");
    EXPECT_EQ(feeds.stream->connections, 2U);
    EXPECT_EQ(feeds.poll->endpoint.host, "api.exchange.coinbase.com");
    EXPECT_EQ(feeds.listing->endpoint.host, "api.exchange.coinbase.com");
    EXPECT_TRUE(feeds.is_standby);
}

TEST(CoinbaseVenue, AdmitsTheSnapshotOfALiquidProduct) {
    const auto map = dollar_books();
    EXPECT_EQ(feeds_of(map).stream->message_max, 16U << 20);
    EXPECT_EQ(StreamPlan{}.message_max, 2U << 20) << "of the other venues";
}

TEST(CoinbaseVenue, ItsFeedsShareWhatTheyKnow) {
    const auto map = dollar_books();
    const auto feeds = feeds_of(map);
    const auto session = feeds.stream->venue->make_session();
    session->on_frame(snapshot({"100"}, {"101"}), noon);
    EXPECT_EQ(shown(session->on_frame(update({}, {}, noon), noon)), "") << "the state is not known";
    feeds.listing->session->make_request(noon);
    const auto online = R"({"id":"BTC-USD","base_currency":"BTC","quote_currency":"USD","status":"online"})";
    feeds.listing->session->on_response({200, {}, online}, noon);
    EXPECT_EQ(shown(session->on_time(noon)), "100 101 #0us +0ms");
    feeds.poll->session->make_request(noon);
    const auto book =
        "{" + members({"99"}, {"101"}) + R"(,"sequence":7,"time":")" + time_text(noon - 1s) + "\"}";
    EXPECT_EQ(shown(feeds.poll->session->on_response({200, {}, book}, noon)), "") << "the stream is ahead";
}

}  // namespace
}  // namespace kurs::coinbase
