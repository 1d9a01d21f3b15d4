#include "venues/cbr/venue.hpp"

#include "venues/cbr/calendar.hpp"
#include "venues/cbr/sessions.hpp"

namespace kurs::cbr {
namespace {

using namespace std::chrono_literals;

bool is_symbol(std::string_view text) {
    return text.size() == 7 && text.ends_with("/RUB") && is_asset_code(text.substr(0, 3));
}

SpeltPair spelt_pair(std::string_view text) {
    return {"", std::string(text.substr(0, 3)), "RUB"};
}

std::vector<Setting> settings() {
    return {
        {"CBR_URL", "https://www.cbr.ru/scripts/XML_daily.asp", checks::web_url(),
         "official rates of the Bank of Russia", "официальные курсы Банка России", false,
         "http://simulator:9106/scripts/XML_daily.asp"},
        {"CBR_MAX_AGE", "15d", checks::duration(24h, 24h * 31),
         "age limit of an official rate while no newer one is published, such as over the New Year holidays",
         "предельный возраст официального курса, пока не опубликован новый, например в новогодние праздники"},
        {"CBR_CONFIRMED_WITHIN", "36h", checks::duration(6h, 24h * 7),
         "time after an expected publication within which the Bank of Russia must confirm its rate; "
         "publications are "
         "expected on Russia's working days",
         "срок после ожидаемой публикации, в который Банк России должен подтвердить курс; публикации "
         "ожидаются в "
         "рабочие дни России"},
        proxy_setting("CBR_PROXY"),
    };
}

PublicationPlan publications(const SettingValues& values) {
    return {next_publication, is_market_open, values.duration("CBR_CONFIRMED_WITHIN")};
}

VenueAccess open(const SettingValues& values) {
    auto make_feeds = [url = values.endpoint("CBR_URL")](const MarketMap& map,
                                                         std::vector<SymbolId> symbols) {
        VenueFeeds feeds;
        feeds.poll = PollPlan{"cbr", url, make_poll_session(map, std::move(symbols))};
        return feeds;
    };
    return {.make_feeds = std::move(make_feeds), .budget = nullptr};
}

}  // namespace

Venue venue() {
    return {.id = "cbr",
            .title = {"Bank of Russia", "Банк России"},
            .settings = settings(),
            .max_age = "CBR_MAX_AGE",
            .proxy = "CBR_PROXY",
            .spelling = {.example = "USD/RUB", .is_symbol = is_symbol, .spelt_pair = spelt_pair},
            .publications = publications,
            .open = open};
}

}  // namespace kurs::cbr
