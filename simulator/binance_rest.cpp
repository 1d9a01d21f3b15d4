#include "binance_rest.hpp"

#include <fmt/format.h>
#include <algorithm>

#include <nlohmann/json.hpp>

#include "binance_payloads.hpp"
#include "rest_faults.hpp"

namespace sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t weight_limit = 6000;
constexpr int refusals_before_ban = 10;

constexpr std::string_view legal_symbol = "^[A-Z0-9-_.]{1,20}$";
constexpr std::string_view legal_symbols = R"(^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$)";

struct Route {
    std::string_view path;
    std::vector<std::string_view> parameters;  ///< the known parameters
};

/// Null if the path is unknown.
const Route* find_route(std::string_view path) {
    static const std::vector<Route> routes{
        {"/api/v3/ping", {}},
        {"/api/v3/time", {}},
        {"/api/v3/exchangeInfo", {"symbol", "symbols"}},
        {"/api/v3/avgPrice", {"symbol"}},
        {"/api/v3/ticker/price", {"symbol", "symbols", "symbolStatus"}},
        {"/api/v3/ticker/bookTicker", {"symbol", "symbols", "symbolStatus"}},
    };
    const auto found = std::ranges::find(routes, path, &Route::path);
    return found == routes.end() ? nullptr : &*found;
}

struct ApiError {
    int code;
    std::string message;
};

Reply json_reply(std::string body) {
    return {.type = "application/json;charset=UTF-8", .body = std::move(body)};
}

Reply error_reply(const ApiError& error) {
    auto reply = json_reply(Json{{"code", error.code}, {"msg", error.message}}.dump());
    reply.status = 400;
    return reply;
}

std::string_view status_text(Status status) {
    return status == Status::trading ? "TRADING" : "BREAK";
}

Json describe(const Listing& listing, Status status) {
    const auto& instrument = listing.instrument;
    const Json price_filter{{"filterType", "PRICE_FILTER"},
                            {"minPrice", to_string(instrument.tick)},
                            {"maxPrice", "1000000.00000000"},
                            {"tickSize", to_string(instrument.tick)}};
    const Json lot_size{{"filterType", "LOT_SIZE"},
                        {"minQty", "0.00001000"},
                        {"maxQty", "9000.00000000"},
                        {"stepSize", "0.00001000"}};
    const bool tradable = status == Status::trading;
    return {{"symbol", instrument.symbol},
            {"status", status_text(status)},
            {"baseAsset", instrument.base},
            {"baseAssetPrecision", 8},
            {"quoteAsset", instrument.quote},
            {"quotePrecision", 8},
            {"quoteAssetPrecision", 8},
            {"orderTypes", Json::array({"LIMIT", "LIMIT_MAKER", "MARKET"})},
            {"icebergAllowed", true},
            {"isSpotTradingAllowed", tradable},
            {"isMarginTradingAllowed", tradable},
            {"filters", Json::array({price_filter, lot_size})},
            {"permissions", Json::array()},
            {"permissionSets", Json::array({Json::array({"SPOT", "MARGIN"})})},
            {"defaultSelfTradePreventionMode", "NONE"},
            {"allowedSelfTradePreventionModes", Json::array({"NONE"})}};
}

ApiError illegal_characters(std::string_view parameter, std::string_view legal) {
    return {-1100, fmt::format("Illegal characters found in parameter '{}'; legal range is '{}'.", parameter,
                               legal)};
}

bool is_legal_symbol(std::string_view text) {
    constexpr std::string_view legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !text.empty() && text.size() <= 20 && text.find_first_not_of(legal) == std::string_view::npos;
}

/// Checks the parameters of a request before symbols are looked up.
std::optional<ApiError> parameter_error(const Request& request, const std::vector<std::string_view>& read) {
    if (!request.repeated.empty())
        return ApiError{-1101, fmt::format("Duplicate values for parameter '{}'.", request.repeated)};
    const auto is_read = [&](const auto& given) {
        return std::ranges::find(read, given.first) != read.end();
    };
    const auto known = std::ranges::count_if(request.query, is_read);
    if (static_cast<std::size_t>(known) < request.query.size())
        return ApiError{
            -1104, fmt::format("Not all sent parameters were read; read '{}' parameter(s) but was sent '{}'.",
                               known, request.query.size())};
    for (const auto& [name, value] : request.query) {
        if (value.empty()) return ApiError{-1105, fmt::format("Parameter '{}' was empty.", name)};
    }
    const auto status = request.parameter("symbolStatus").value_or("TRADING");
    if (status != "TRADING" && status != "HALT" && status != "BREAK")
        return ApiError{-1122, "Invalid symbolStatus."};
    return std::nullopt;
}

/// The symbols in a request. `is_list` if the response is an array.
struct Selection {
    std::vector<const Listing*> listings;
    bool is_list = false;
    std::optional<ApiError> error = {};
};

Selection select(const Request& request, const Market& market) {
    const auto one = request.parameter("symbol");
    const auto several = request.parameter("symbols");
    if (one && several) return {{}, false, ApiError{-1128, "Combination of optional parameters invalid."}};
    Selection selection;
    selection.is_list = !one;
    const auto add = [&](const std::string& symbol) {
        const auto* listing = market.find(symbol);
        if (!listing) selection.error = ApiError{-1121, "Invalid symbol."};
        selection.listings.push_back(listing);
    };
    if (one) {
        if (!is_legal_symbol(*one)) return {{}, false, illegal_characters("symbol", legal_symbol)};
        add(*one);
    } else if (several) {
        const auto names = Json::parse(*several, nullptr, false);
        const auto is_legal = [](const Json& name) {
            return name.is_string() && is_legal_symbol(name.get_ref<const std::string&>());
        };
        if (!names.is_array() || names.empty() || !std::all_of(names.begin(), names.end(), is_legal) ||
            several->find(' ') != std::string::npos)
            return {{}, true, illegal_characters("symbols", legal_symbols)};
        for (const auto& name : names) add(name.get<std::string>());
    } else {
        for (const auto& [symbol, listing] : market.listings()) selection.listings.push_back(&listing);
    }
    return selection;
}

Json price_of(const Listing& listing) {
    return {{"symbol", listing.instrument.symbol}, {"price", to_string(listing.last.price)}};
}

Json book_of(const Listing& listing) {
    return {{"symbol", listing.instrument.symbol},
            {"bidPrice", to_string(listing.book.bid)},
            {"bidQty", to_string(listing.book.bid_quantity)},
            {"askPrice", to_string(listing.book.ask)},
            {"askQty", to_string(listing.book.ask_quantity)}};
}

std::int64_t weight_of(const Request& request) {
    if (request.path == "/api/v3/exchangeInfo") return 20;
    const bool is_ticker = request.path.starts_with("/api/v3/ticker/");
    if (is_ticker) return request.parameter("symbol") ? 2 : 4;
    return request.path == "/api/v3/avgPrice" ? 2 : 1;
}

void set_retry_after(Reply& reply, std::int64_t seconds) {
    reply.headers = {{"Retry-After", std::to_string(seconds)}};
}

}  // namespace

WeightBudget::Charge WeightBudget::charge(std::int64_t weight, Instant now) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(now);
    if (minute != minute_start_) {
        minute_start_ = minute;
        used_ = 0;
        refused_ = 0;
    }
    const auto seconds_until = [now](Instant at) { return (at - now).count() / 1000 + 1; };
    if (now < banned_until_) return {Verdict::banned, used_, seconds_until(banned_until_)};
    used_ += weight;
    if (used_ <= weight_limit) return {Verdict::fine, used_, 0};
    if (++refused_ <= refusals_before_ban)
        return {Verdict::too_much, used_, seconds_until(minute_start_ + std::chrono::minutes{1})};
    ban_seconds_ *= 2;  // the first ban lasts two minutes, each following one twice as long
    banned_until_ = now + std::chrono::seconds{ban_seconds_};
    return {Verdict::banned, used_, ban_seconds_};
}

Status BinanceRest::status_of(const Listing& listing, Instant now) {
    const Place place{Endpoint::binance_rest, 0, listing.instrument.symbol, {}};
    return faults_.has(FaultKind::break_symbol, place, now) ? Status::broken : listing.instrument.status;
}

Reply BinanceRest::answer(const Request& request, Instant now) {
    const auto charge = budget_.charge(weight_of(request), now);
    const auto* route = find_route(request.path);
    const auto error = route ? parameter_error(request, route->parameters) : std::nullopt;
    Reply reply;
    if (charge.verdict == WeightBudget::Verdict::too_much) {
        reply = binance_status_reply(429, now);
        set_retry_after(reply, charge.retry_after_seconds);
    } else if (charge.verdict == WeightBudget::Verdict::banned) {
        reply = binance_status_reply(418, now);
        set_retry_after(reply, charge.retry_after_seconds);
    } else if (!route) {
        reply = {
            .status = 404, .type = "text/html", .body = "<html><body><h2>404 Not found</h2></body></html>"};
    } else if (error) {
        reply = error_reply(*error);
    } else if (request.path == "/api/v3/ping") {
        reply = json_reply("{}");
    } else if (request.path == "/api/v3/time") {
        reply = json_reply(Json{{"serverTime", to_unix_ms(now)}}.dump());
    } else if (request.path == "/api/v3/exchangeInfo") {
        reply = exchange_info(request, now);
    } else {
        reply = over_symbols(request, now);
    }
    const auto used = std::to_string(charge.used);
    reply.headers.emplace_back("X-MBX-USED-WEIGHT", used);
    reply.headers.emplace_back("X-MBX-USED-WEIGHT-1M", used);
    reply.headers.emplace_back("Cache-Control", "no-cache, no-store, must-revalidate");
    return with_rest_faults(faults_, Endpoint::binance_rest, std::move(reply), now);
}

Reply BinanceRest::exchange_info(const Request& request, Instant now) {
    const auto selection = select(request, market_);
    if (selection.error) return error_reply(*selection.error);
    auto symbols = Json::array();
    for (const auto* listing : selection.listings)
        symbols.push_back(describe(*listing, status_of(*listing, now)));
    const Json limits = Json::array({Json{{"rateLimitType", "REQUEST_WEIGHT"},
                                          {"interval", "MINUTE"},
                                          {"intervalNum", 1},
                                          {"limit", weight_limit}},
                                     Json{{"rateLimitType", "RAW_REQUESTS"},
                                          {"interval", "MINUTE"},
                                          {"intervalNum", 5},
                                          {"limit", 300000}}});
    return json_reply(Json{
        {"timezone", "UTC"},
        {"serverTime", to_unix_ms(now)},
        {"rateLimits", limits},
        {"exchangeFilters", Json::array()},
        {"symbols",
         symbols}}.dump());
}

Reply BinanceRest::over_symbols(const Request& request, Instant now) {
    const bool is_average = request.path == "/api/v3/avgPrice";
    const bool is_book = request.path == "/api/v3/ticker/bookTicker";
    if (is_average && !request.parameter("symbol"))
        return error_reply(
            {-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."});
    const auto selection = select(request, market_);
    if (selection.error) return error_reply(*selection.error);

    const auto wanted_status = request.parameter("symbolStatus");
    auto answers = Json::array();
    for (const auto* listing : selection.listings) {
        const bool fits = !wanted_status || *wanted_status == status_text(status_of(*listing, now));
        if (!fits && !selection.is_list)
            return error_reply({-1220, "The symbol's status does not match the requested symbolStatus."});
        if (!fits) continue;
        if (is_average) {
            const Json average{{"mins", 5},
                               {"price", to_string(average_price(*listing))},
                               {"closeTime", to_unix_ms(listing->last.at)}};
            return json_reply(average.dump());
        }
        answers.push_back(is_book ? book_of(*listing) : price_of(*listing));
    }
    return json_reply(selection.is_list ? answers.dump() : answers.front().dump());
}

}  // namespace sim
