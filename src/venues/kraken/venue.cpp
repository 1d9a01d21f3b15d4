#include "venues/kraken/venue.hpp"

#include "venues/kraken/rest.hpp"
#include "venues/kraken/stream.hpp"

namespace kurs::kraken {
namespace {

using namespace std::chrono_literals;

std::vector<Setting> settings() {
    return {
        stream_urls_setting("KRAKEN_STREAM_URLS", "wss://ws.kraken.com/v2",
                            "ws://simulator:9107/v2,ws://simulator:9108/v2"),
        connections_setting("KRAKEN_CONNECTIONS"),
        {"KRAKEN_REST_URL", "https://api.kraken.com", checks::web_url(),
         "REST URL of the symbol listing, and of prices while the stream fails",
         "адрес REST API, откуда берутся список символов и, пока поток не работает, цены", false,
         "http://simulator:9109"},
        {"KRAKEN_MAX_AGE", "10s", checks::duration(5s, 1h),
         "age limit of Kraken values; older values are never served; the market map sets 5 s for BTC and "
         "ETH, and 7 s for USDT and USDC",
         "предельный возраст значений Kraken; более старые не отдаются; карта рынка задаёт 5 с для BTC и ETH "
         "и 7 с для USDT и USDC"},
        proxy_setting("KRAKEN_PROXY"),
    };
}

/// REST fills the gaps of the stream. Both and the listing share what is known of the symbols' trading.
VenueAccess open(const SettingValues& values) {
    auto make_feeds =
        [streams = values.endpoints("KRAKEN_STREAM_URLS"), connections = values.number("KRAKEN_CONNECTIONS"),
         rest = values.endpoint("KRAKEN_REST_URL")](const MarketMap& map, std::vector<SymbolId> symbols) {
            const auto state = make_trading_state(map, std::move(symbols));
            VenueFeeds feeds;
            auto make_session = [state] { return make_stream_session(state); };
            feeds.stream = StreamPlan{"kraken", streams, std::make_unique<StreamSessions>(make_session)};
            feeds.stream->connections = connections;
            feeds.listing = PollPlan{"kraken listing", rest, make_listing_poll(state)};
            feeds.poll = PollPlan{"kraken REST", rest, make_ticker_poll(state)};
            feeds.is_standby = true;
            return feeds;
        };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "kraken",
            .title = {"Kraken", "Kraken"},
            .settings = settings(),
            .max_age = "KRAKEN_MAX_AGE",
            .proxy = "KRAKEN_PROXY",
            .spelling = two_codes('/', "BTC/USD"),
            .open = open};
}

}  // namespace kurs::kraken
