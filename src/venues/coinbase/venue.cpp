#include "venues/coinbase/venue.hpp"

#include "venues/coinbase/rest.hpp"
#include "venues/coinbase/stream.hpp"

namespace kurs::coinbase {
namespace {

using namespace std::chrono_literals;

std::vector<Setting> settings() {
    return {
        stream_urls_setting("COINBASE_STREAM_URLS", "wss://ws-feed.exchange.coinbase.com",
                            "ws://simulator:9116,ws://simulator:9117"),
        connections_setting("COINBASE_CONNECTIONS"),
        {"COINBASE_REST_URL", "https://api.exchange.coinbase.com", checks::web_url(),
         "REST URL of the products' states, and of prices while the stream fails",
         "адрес REST API, откуда берутся состояния инструментов и, пока поток не работает, цены", false,
         "http://simulator:9118"},
        {"COINBASE_MAX_AGE", "5s", checks::duration(5s, 1h),
         "age limit of Coinbase values; older values are never served; Coinbase confirms an unchanged price "
         "every second",
         "предельный возраст значений Coinbase; более старые не отдаются; неизменную цену Coinbase "
         "подтверждает каждую секунду"},
        proxy_setting("COINBASE_PROXY"),
    };
}

/// REST fills the gaps of the stream. Both and the listing share what is known of the products.
VenueAccess open(const SettingValues& values) {
    auto make_feeds = [streams = values.endpoints("COINBASE_STREAM_URLS"),
                       connections = values.number("COINBASE_CONNECTIONS"),
                       rest = values.endpoint("COINBASE_REST_URL")](const MarketMap& map,
                                                                    std::vector<SymbolId> symbols) {
        const auto shared = std::make_shared<Shared>(map, std::move(symbols));
        VenueFeeds feeds;
        auto make_session = [shared] { return make_stream_session(shared); };
        feeds.stream = StreamPlan{"coinbase", streams, std::make_unique<StreamSessions>(make_session)};
        feeds.stream->connections = connections;
        feeds.stream->sends_per_second = sends_per_second;
        feeds.stream->message_max = message_max;
        feeds.listing = PollPlan{"coinbase listing", rest, make_listing_poll(shared)};
        feeds.poll = PollPlan{"coinbase REST", rest, make_book_poll(shared)};
        feeds.is_standby = true;
        return feeds;
    };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "coinbase",
            .title = {"Coinbase", "Coinbase"},
            .settings = settings(),
            .max_age = "COINBASE_MAX_AGE",
            .proxy = "COINBASE_PROXY",
            .spelling = two_codes('-', "BTC-USD"),
            .open = open};
}

}  // namespace kurs::coinbase
