#include "venues/coingecko/venue.hpp"

#include <algorithm>
#include <boost/algorithm/string/case_conv.hpp>

#include "kurs/domain/duration_text.hpp"
#include "kurs/venue/url_text.hpp"
#include "venues/coingecko/sessions.hpp"

namespace kurs::coingecko {
namespace {

using namespace std::chrono_literals;

bool is_id(std::string_view text) {
    const auto is_id_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !text.empty() && std::ranges::all_of(text, is_id_character);
}

bool is_symbol(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || text.size() > 80) return false;
    return is_id(text.substr(0, slash)) && is_id(text.substr(slash + 1));
}

/// "bitcoin/usd": the coin's identifier and the currency's code.
SpeltPair spelt_pair(std::string_view text) {
    const auto slash = text.find('/');
    auto currency = std::string(text.substr(slash + 1));
    boost::algorithm::to_upper(currency, std::locale::classic());
    return {std::string(text.substr(0, slash)), "", std::move(currency)};
}

std::vector<Setting> settings() {
    return {
        {"COINGECKO_PLAN", "none", checks::one_of(plan_names()),
         "`none` (no key), `demo`, `basic`, `analyst`, `lite` or `pro`; `analyst` and higher use the "
         "WebSocket",
         "`none` (без ключа), `demo`, `basic`, `analyst`, `lite` или `pro`; начиная с `analyst` используется "
         "WebSocket",
         false, "none"},
        {"COINGECKO_API_KEY", "", checks::key(), "API key of the plan", "ключ API для этого тарифа", true,
         ""},
        {"COINGECKO_STREAM_URL", "wss://stream.coingecko.com/v1", checks::stream_url(), "WebSocket URL",
         "адрес WebSocket", false, "ws://simulator:9104/v1"},
        {"COINGECKO_REST_URL", "", checks::optional(checks::web_url()), "REST URL; empty: the plan's default",
         "адрес REST API; пусто: соответствует тарифу", false, "http://simulator:9105/api/v3"},
        {"COINGECKO_MAX_AGE", "180s", checks::duration(10s, 1h),
         "age limit of CoinGecko values; older values are never served",
         "предельный возраст значений CoinGecko; более старые не отдаются"},
        {"FIAT_MAX_AGE", "15m", checks::duration(1min, 24h),
         "age limit of a reference rate implied by CoinGecko's prices, such as the rouble rate",
         "предельный возраст опорного курса по ценам CoinGecko, например курса рубля"},
        proxy_setting("COINGECKO_PROXY"),
    };
}

std::vector<Problem> check_plan(const SettingValues& values) {
    if (values.is_refused("COINGECKO_PLAN")) return {};
    const auto plan = find_plan(values.text("COINGECKO_PLAN")).value();
    const std::string name(plan.name);
    const bool needs_key = !plan.key_header.empty();
    const bool has_key = !values.text("COINGECKO_API_KEY").empty() || values.is_refused("COINGECKO_API_KEY");
    std::vector<Problem> problems;
    if (needs_key && !has_key)
        problems.push_back({"COINGECKO_API_KEY", "", "must be set for the plan " + name});
    if (!needs_key && has_key)
        problems.push_back({"COINGECKO_PLAN", name, "must name the plan of the key that is set"});
    // A value that goes stale between two calls would hardly ever be served.
    const auto least = 2 * plan.cache_period + 10s;
    const auto max_age = values.duration("COINGECKO_MAX_AGE");
    if (max_age < least)
        problems.push_back({"COINGECKO_MAX_AGE", to_string(max_age),
                            "must be at least " + to_string(least) + " for the plan " + name});
    return problems;
}

Endpoint rest_endpoint(const SettingValues& values, const Plan& plan) {
    if (!values.text("COINGECKO_REST_URL").empty()) return values.endpoint("COINGECKO_REST_URL");
    return parse_endpoint(plan.rest_url, "http", "https").value();
}

/// REST fills the gaps of the stream, if the plan has a stream.
VenueAccess open(const SettingValues& values) {
    const auto plan = find_plan(values.text("COINGECKO_PLAN")).value();
    const auto budget = std::make_shared<Budget>(plan);
    auto make_feeds = [plan, budget, key = values.text("COINGECKO_API_KEY"),
                       stream = values.endpoint("COINGECKO_STREAM_URL"), rest = rest_endpoint(values, plan)](
                          const MarketMap& map, std::vector<SymbolId> symbols) {
        VenueFeeds feeds;
        auto make_session = [&map, symbols, key] { return make_stream_session(map, symbols, key); };
        if (plan.has_stream)
            feeds.stream = StreamPlan{
                "coingecko stream", {stream}, std::make_unique<StreamSessions>(std::move(make_session))};
        feeds.poll = PollPlan{"coingecko", rest,
                              make_poll_session(map, std::move(symbols), plan, key, budget->spending())};
        feeds.is_standby = true;
        return feeds;
    };
    return {.make_feeds = std::move(make_feeds), .budget = budget};
}

}  // namespace

Venue venue() {
    return {.id = "coingecko",
            .title = {"CoinGecko", "CoinGecko"},
            .aliases = {"coingeko"},
            .settings = settings(),
            .max_age = "COINGECKO_MAX_AGE",
            .reference_max_age = "FIAT_MAX_AGE",
            .proxy = "COINGECKO_PROXY",
            .spelling = {.example = "bitcoin/usd", .is_symbol = is_symbol, .spelt_pair = spelt_pair},
            .check = check_plan,
            .open = open};
}

}  // namespace kurs::coingecko
