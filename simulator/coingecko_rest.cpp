#include "coingecko_rest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "rest_faults.hpp"

namespace sim {
namespace {

constexpr std::size_t most_ids = 515;

Reply json_reply(std::string body, unsigned status = 200) {
    return {.status = status, .type = "application/json; charset=utf-8", .body = std::move(body)};
}

Reply error_reply(unsigned status, int code, std::string_view message) {
    return json_reply(fmt::format(R"({{"status":{{"error_code":{},"error_message":{}}}}})", code,
                                  nlohmann::json(message).dump()),
                      status);
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty() && items.size() < most_ids) {
        const auto item = text.substr(0, text.find(','));
        text.remove_prefix(std::min(item.size() + 1, text.size()));
        if (!item.empty()) items.emplace_back(item);
    }
    return items;
}

/// How a request identifies coins. The response uses the same identifiers.
struct Lookup {
    const char* parameter;
    std::string_view Coin::*key;
};

/// The first of ids, names and symbols in the request.
const Lookup* lookup_of(const Request& request) {
    static constexpr std::array<Lookup, 3> lookups{
        {{"ids", &Coin::id}, {"names", &Coin::name}, {"symbols", &Coin::symbol}}};
    const auto is_given = [&](const Lookup& each) { return request.parameter(each.parameter).has_value(); };
    const auto found = std::ranges::find_if(lookups, is_given);
    return found == lookups.end() ? nullptr : &*found;
}

/// The requested number of decimals: none for the default, 99 for "full".
std::optional<int> precision_of(const Request& request) {
    const auto text = request.parameter("precision").value_or("");
    if (text.empty()) return std::nullopt;
    if (text == "full") return 99;
    const bool is_number = text.size() <= 2 && text.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? std::optional{std::min(std::stoi(text), 18)} : std::nullopt;
}

std::string printed(const std::string& price, std::optional<int> precision) {
    if (!precision) return with_default_precision(price);
    return *precision > 18 ? price : with_precision(price, *precision);
}

}  // namespace

Reply CoinGeckoRest::answer(const Request& request, Instant now) {
    return with_rest_faults(faults_, Endpoint::coingecko_rest, regular(request, now), now);
}

Reply CoinGeckoRest::regular(const Request& request, Instant now) {
    const auto key = key_of(request);
    if (const auto refused = key_error(key)) return *refused;
    if (key.claimed == Plan::keyless && over_keyless_limit(now))
        return coingecko_status_reply(429, "status", now);
    if (request.path == "/api/v3/ping") return json_reply(R"({"gecko_says":"(V3) To the Moon!"})");
    if (request.path == "/api/v3/simple/price") return simple_price(request, key.claimed, now);
    if (request.path == "/api/v3/simple/supported_vs_currencies")
        return json_reply(
            R"(["btc","eth","ltc","bch","bnb","usd","aed","eur","gbp","jpy","rub","try","xau"])");
    if (request.path == "/api/v3/key") {
        if (key.claimed != Plan::pro) return error_reply(401, 10002, "API Key Missing");
        return json_reply(
            R"({"plan":"Analyst","rate_limit_request_per_minute":500,"monthly_call_credit":500000,)"
            R"("current_total_monthly_calls":32,"current_remaining_monthly_calls":499968,)"
            R"("api_key_rate_limit_request_per_minute":500,"api_key_monthly_call_credit":500000,)"
            R"("api_key_current_total_monthly_calls":8})");
    }
    return json_reply(R"({"error":"Incorrect path. Please check https://docs.coingecko.com/"})", 404);
}

std::optional<Reply> CoinGeckoRest::key_error(const GivenKey& key) const {
    if (key.claimed == Plan::keyless) return std::nullopt;
    const bool as_pro = key.claimed == Plan::pro;
    if (!keys_.knows(key))
        return error_reply(401, 401, as_pro ? "invalid pro api key usage" : "invalid demo api key usage");
    if (keys_.is_of_claimed_plan(key)) return std::nullopt;
    if (as_pro)
        return error_reply(
            400, 10011,
            "If you are using Demo API key, please change your root URL from pro-api.coingecko.com to "
            "api.coingecko.com");
    return error_reply(400, 10010,
                       "If you are using Pro API key, please change your root URL from api.coingecko.com to "
                       "pro-api.coingecko.com");
}

bool CoinGeckoRest::over_keyless_limit(Instant now) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    if (minute != minute_) keyless_calls_ = 0;
    minute_ = minute;
    ++keyless_calls_;
    return policy_.keyless_per_minute > 0 && keyless_calls_ > policy_.keyless_per_minute;
}

const CoinGeckoRest::Snapshot& CoinGeckoRest::snapshot(Plan plan, Instant now) {
    const auto usual = plan == Plan::pro ? Millis{20'000} : Millis{60'000};
    auto& cached = cached_[plan];
    if (!cached.prices.empty() && now - cached.taken_at < policy_.cache.value_or(usual)) return cached;
    cached.taken_at = now;
    for (const auto& coin : coins) {
        for (const auto currency : currencies) {
            const CoinPair pair{std::string{coin.id}, std::string{currency}};
            cached.prices[pair] = *quotes_.price(pair);
        }
    }
    return cached;
}

Reply CoinGeckoRest::simple_price(const Request& request, Plan plan, Instant now) {
    const auto wanted = request.parameter("vs_currencies").value_or("");
    if (wanted.empty()) return json_reply(R"({"error":"Missing parameter vs_currencies"})", 422);
    const auto* lookup = lookup_of(request);
    if (!lookup) return json_reply(R"({"error":"Missing parameter ids"})", 422);
    const Place here{Endpoint::coingecko_rest, 0, {}, {}};
    if (faults_.take(FaultKind::empty, here, now)) return json_reply("{}");
    const auto& prices = snapshot(plan, now);
    std::vector<std::string> described;
    for (const auto& asked : split_list(*request.parameter(lookup->parameter))) {
        const auto coin = std::ranges::find(coins, asked, lookup->key);
        if (coin == coins.end()) continue;
        const std::string id{coin->id};
        const Place place{Endpoint::coingecko_rest, 0, id, {}};
        if (faults_.take(FaultKind::missing_coin, place, now)) continue;
        described.push_back(fmt::format(R"("{}":{})", asked, describe_coin(id, request, prices, now)));
    }
    return json_reply(fmt::format("{{{}}}", fmt::join(described, ",")));
}

std::string CoinGeckoRest::describe_coin(const std::string& coin, const Request& request,
                                         const Snapshot& snapshot, Instant now) {
    std::vector<std::string> members;
    bool is_stale = false;
    for (const auto& currency : split_list(*request.parameter("vs_currencies"))) {
        const CoinPair pair{coin, currency};
        const auto found = snapshot.prices.find(pair);
        const auto symbol = to_string(pair);
        const Place place{Endpoint::coingecko_rest, 0, symbol, {}};
        if (found == snapshot.prices.end() || faults_.take(FaultKind::missing_currency, place, now)) continue;
        const bool is_null = faults_.take(FaultKind::null_price, place, now).has_value();
        if (faults_.take(FaultKind::stale_time, place, now)) is_stale = true;
        const auto price = is_null ? std::string{"null"} : printed(found->second, precision_of(request));
        members.push_back(fmt::format(R"("{}":{})", currency, price));
    }
    if (request.parameter("include_last_updated_at").value_or("") == "true") {
        const auto age = is_stale ? seconds_of_stale_prices : 0;
        members.push_back(fmt::format(R"("last_updated_at":{})", to_unix_seconds(snapshot.taken_at) - age));
    }
    return fmt::format("{{{}}}", fmt::join(members, ","));
}

}  // namespace sim
