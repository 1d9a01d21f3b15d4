#include "venues/okx/venue.hpp"

#include "venues/okx/rest.hpp"
#include "venues/okx/stream.hpp"

namespace kurs::okx {
namespace {

using namespace std::chrono_literals;

std::vector<Setting> settings() {
    return {
        stream_urls_setting("OKX_STREAM_URLS", "wss://ws.okx.com/ws/v5/public",
                            "ws://simulator:9110/ws/v5/public,ws://simulator:9111/ws/v5/public"),
        connections_setting("OKX_CONNECTIONS"),
        {"OKX_REST_URL", "https://openapi.okx.com", checks::web_url(),
         "REST URL of the symbol listing, and of the books that the stream does not confirm",
         "адрес REST API, откуда берутся список символов и книги, которые не подтверждает поток", false,
         "http://simulator:9112"},
        {"OKX_MAX_AGE", "5s", checks::duration(5s, 1h),
         "age limit of OKX values; older values are never served",
         "предельный возраст значений OKX; более старые не отдаются"},
        proxy_setting("OKX_PROXY"),
    };
}

/// The feeds share what is known of the symbols. The books of REST are polled by their own schedule, not as a
/// standby: they also confirm the prices of the stream.
VenueAccess open(const SettingValues& values) {
    auto make_feeds =
        [streams = values.endpoints("OKX_STREAM_URLS"), connections = values.number("OKX_CONNECTIONS"),
         rest = values.endpoint("OKX_REST_URL")](const MarketMap& map, std::vector<SymbolId> symbols) {
            const auto shared = std::make_shared<Shared>(map, std::move(symbols));
            VenueFeeds feeds;
            auto make_session = [shared] { return make_stream_session(shared); };
            feeds.stream = StreamPlan{"okx", streams, std::make_unique<StreamSessions>(make_session)};
            feeds.stream->connections = connections;
            feeds.stream->sends_per_second = 20;  // each channel of a symbol is a request of its own
            feeds.listing = PollPlan{"okx listing", rest, make_listing_poll(shared)};
            feeds.poll = PollPlan{"okx REST", rest, make_book_poll(shared)};
            return feeds;
        };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "okx",
            .title = {"OKX", "OKX"},
            .settings = settings(),
            .max_age = "OKX_MAX_AGE",
            .proxy = "OKX_PROXY",
            .spelling = two_codes('-', "BTC-USDT"),
            .open = open};
}

}  // namespace kurs::okx
