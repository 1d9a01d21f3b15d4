#include "venues/binance/venue.hpp"

#include "kurs/venue/traded_streams.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using namespace std::chrono_literals;

std::vector<Setting> settings() {
    return {
        {"BINANCE_STREAM_URLS", "wss://stream.binance.com:9443,wss://data-stream.binance.vision",
         checks::stream_urls(),
         "stream hosts, comma-separated, divided among the connections, or shared if there are too few; if a "
         "host fails, its connection uses the next of its hosts",
         "хосты потоков через запятую; распределяются между подключениями, а если их меньше, чем "
         "подключений, используются всеми; при отказе хоста подключение переходит на следующий из своих",
         false, "ws://simulator:9101,ws://simulator:9102"},
        {"BINANCE_CONNECTIONS", "2", checks::number(1, 2),
         "simultaneous connections to the streams, `1` or `2`; with `2`, the failure of one causes no gap",
         "число одновременных подключений к потокам, `1` или `2`; при `2` отказ одного не вызывает перерыва "
         "в данных"},
        {"BINANCE_REST_URL", "https://data-api.binance.vision", checks::web_url(),
         "REST URL of the symbol listing", "адрес REST API, откуда берётся список символов", false,
         "http://simulator:9103"},
        {"BINANCE_MAX_AGE", "5s", checks::duration(3s, 1h),
         "age limit of Binance values; older values are never served",
         "предельный возраст значений Binance; более старые не отдаются"},
        proxy_setting("BINANCE_PROXY"),
    };
}

VenueAccess open(const SettingValues& values) {
    auto make_feeds = [connections = values.number("BINANCE_CONNECTIONS"),
                       streams = values.endpoints("BINANCE_STREAM_URLS"),
                       rest = values.endpoint("BINANCE_REST_URL")](const MarketMap& map,
                                                                   std::vector<SymbolId> symbols) {
        VenueFeeds feeds;
        feeds.listing = PollPlan{"binance exchangeInfo", rest, make_exchange_info_session(map, symbols)};
        auto make_session = [&map](std::vector<SymbolId> traded) {
            return make_stream_session(map, std::move(traded));
        };
        feeds.stream =
            StreamPlan{"binance", streams, std::make_unique<TradedStreams>(std::move(symbols), make_session)};
        feeds.stream->rotate_after = std::chrono::hours(23);  // Binance closes a connection after 24 h
        feeds.stream->sends_per_second = 4;                   // and at the sixth message within a second
        feeds.stream->connections = connections;
        return feeds;
    };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "binance",
            .title = {"Binance", "Binance"},
            .settings = settings(),
            .max_age = "BINANCE_MAX_AGE",
            .proxy = "BINANCE_PROXY",
            .spelling = joined_codes("BTCUSDT"),
            .open = open};
}

}  // namespace kurs::binance
