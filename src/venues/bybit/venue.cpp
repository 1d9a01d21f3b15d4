#include "venues/bybit/venue.hpp"

#include "kurs/venue/traded_streams.hpp"
#include "venues/bybit/rest.hpp"
#include "venues/bybit/stream.hpp"

namespace kurs::bybit {
namespace {

using namespace std::chrono_literals;

std::vector<Setting> settings() {
    return {
        stream_urls_setting("BYBIT_STREAM_URLS", "wss://stream.bybit.com/v5/public/spot",
                            "ws://simulator:9113/v5/public/spot,ws://simulator:9114/v5/public/spot"),
        connections_setting("BYBIT_CONNECTIONS"),
        {"BYBIT_REST_URL", "https://api.bybit.com", checks::web_url(),
         "REST URL of the symbol listing, and of prices while the stream fails; Bybit blocks it in some "
         "countries, and the stream does not depend on it",
         "адрес REST API, откуда берутся список символов и, пока поток не работает, цены; в некоторых "
         "странах "
         "Bybit его блокирует, поток от него не зависит",
         false, "http://simulator:9115"},
        {"BYBIT_MAX_AGE", "7s", checks::duration(5s, 1h),
         "age limit of Bybit values; older values are never served; Bybit repeats an unchanged price after 3 "
         "s",
         "предельный возраст значений Bybit; более старые не отдаются; по документации, неизменную цену "
         "Bybit "
         "повторяет через 3 с"},
        proxy_setting("BYBIT_PROXY"),
    };
}

VenueAccess open(const SettingValues& values) {
    auto make_feeds = [streams = values.endpoints("BYBIT_STREAM_URLS"),
                       connections = values.number("BYBIT_CONNECTIONS"),
                       rest = values.endpoint("BYBIT_REST_URL")](const MarketMap& map,
                                                                 std::vector<SymbolId> symbols) {
        const auto tops = std::make_shared<Tops>();
        auto make_session = [&map, tops](std::vector<SymbolId> traded) {
            return make_stream_session(map, std::move(traded), tops);
        };
        VenueFeeds feeds;
        feeds.stream = StreamPlan{"bybit", streams, std::make_unique<TradedStreams>(symbols, make_session)};
        feeds.stream->connections = connections;
        feeds.stream->sends_per_second = 20;  // no limit is documented
        feeds.listing = PollPlan{"bybit listing", rest, make_listing_poll(map, symbols)};
        feeds.poll = PollPlan{"bybit REST", rest, make_book_poll(map, std::move(symbols), tops)};
        feeds.is_standby = true;
        return feeds;
    };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "bybit",
            .title = {"Bybit", "Bybit"},
            .settings = settings(),
            .max_age = "BYBIT_MAX_AGE",
            .proxy = "BYBIT_PROXY",
            .spelling = joined_codes("BTCUSDT"),
            .open = open};
}

}  // namespace kurs::bybit
