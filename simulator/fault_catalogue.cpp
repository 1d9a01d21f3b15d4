#include "fault_catalogue.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "duration.hpp"
#include "rejected.hpp"

namespace sim {
namespace {

using nlohmann::json;
using Values = std::vector<std::string_view>;

enum class ValueRule { none, choice, milliseconds, date, free_text };

constexpr unsigned bit(Endpoint endpoint) {
    return 1U << static_cast<unsigned>(endpoint);
}
constexpr unsigned binance_stream = bit(Endpoint::binance_stream);
constexpr unsigned coingecko_stream = bit(Endpoint::coingecko_stream);
constexpr unsigned streams = binance_stream | coingecko_stream;
constexpr unsigned binance_rest = bit(Endpoint::binance_rest);
constexpr unsigned coingecko_rest = bit(Endpoint::coingecko_rest);
constexpr unsigned cbr = bit(Endpoint::cbr);
constexpr unsigned rest = binance_rest | coingecko_rest | cbr;

/// The endpoints and the request fields of a fault.
struct Row {
    FaultKind kind;
    std::string_view name;
    unsigned endpoints;
    ValueRule rule = ValueRule::none;
    Values values = {};  ///< of a choice, the first being the default; otherwise only the default, or none
    bool honours_symbol = false;
    bool honours_stream = false;
};

const Values corruptions_anywhere{
    "garbage",    "truncated",  "binary",      "oversized",      "fragmented",  "unknown_event",
    "extra_keys", "null_price", "zero_price",  "negative_price", "nan_price",   "exponent_price",
    "long_price", "jump",       "future_time", "past_time",      "utf8_symbol", "frozen"};

Values corruptions_of_binance() {
    auto values = corruptions_anywhere;
    values.insert(values.end(), {"crossed", "duplicate_u", "reordered_u", "microseconds"});
    return values;
}

const std::vector<Row>& rows() {
    using enum FaultKind;
    using enum ValueRule;
    static const std::vector<Row> table{
        {no_accept, "no_accept", streams | rest},
        {refuse, "refuse", streams, choice, {"503", "403", "429", "451", "never"}},
        {refuse, "refuse", rest},
        {tls, "tls", streams | rest, choice, {"hang", "expired", "wrong_name"}},
        {blackhole, "blackhole", streams},
        {cut, "cut", streams, choice, {"rst", "1001", "1006", "1008", "1011"}},
        {mute, "mute", streams, none, {}, true, true},
        {slow, "slow", streams, milliseconds, {"500"}, true, true},
        {late, "late", binance_stream, milliseconds, {"7000"}},
        {old_book, "old_book", binance_stream, milliseconds, {"10000"}, true},
        {corrupt, "corrupt", binance_stream, choice, corruptions_of_binance(), true, true},
        {corrupt, "corrupt", coingecko_stream, choice, corruptions_anywhere, true, false},
        {server_shutdown, "server_shutdown", binance_stream, milliseconds, {"2000"}},
        {server_shutdown, "server_shutdown", coingecko_stream, milliseconds, {"2000"}},
        {error_frame, "error_frame", streams, choice, {"nested", "flat"}},
        {delay_ack, "delay_ack", streams, milliseconds, {"3000"}},
        {lose_ack, "lose_ack", streams},
        {omit_vs, "omit_vs", coingecko_stream, none, {}, true},
        {float_time, "float_time", coingecko_stream, none, {}, true},
        {string_price, "string_price", coingecko_stream, none, {}, true},
        {integer_price, "integer_price", coingecko_stream, none, {}, true},
        {exponent_price, "exponent_price", coingecko_stream, none, {}, true},
        {null_price, "null_price", coingecko_stream | coingecko_rest, none, {}, true},
        {stale_time, "stale_time", coingecko_stream | coingecko_rest, none, {}, true},
        {welcome_only, "welcome_only", coingecko_stream},
        {unauthorized, "unauthorized", coingecko_stream, choice, {"401", "1008", "disconnect"}},
        {lose_subscriptions, "lose_subscriptions", coingecko_stream},
        {replace_tokens, "replace_tokens", coingecko_stream},
        {old_acks, "old_acks", coingecko_stream},
        {confirm_code, "confirm_code", coingecko_stream},
        {status, "status", rest, choice, {"503", "401", "403", "418", "429", "451", "500", "504"}},
        {never, "never", rest},
        {slow_headers, "slow_headers", rest, milliseconds, {"3000"}},
        {slow_body, "slow_body", rest, milliseconds, {"3000"}},
        {cut_body, "cut_body", rest},
        {wrong_length, "wrong_length", rest},
        {redirect, "redirect", rest, free_text, {"https://example.invalid/"}},
        {garbage, "garbage", rest},
        {truncated, "truncated", rest},
        {oversized, "oversized", rest},
        {html, "html", rest},
        {missing_coin, "missing_coin", coingecko_rest, none, {}, true},
        {missing_currency, "missing_currency", coingecko_rest, none, {}, true},
        {empty, "empty", coingecko_rest},
        {break_symbol, "break", binance_rest, none, {}, true},
        {no_usd, "no_usd", cbr},
        {zero_price, "zero_price", cbr},
        {wrong_date, "wrong_date", cbr, date, {"21.11.2026"}},
    };
    return table;
}

constexpr std::array shapes{"status", "ratelimit_reset", "throttled", "html", "empty"};

std::string text_of(const json& body, const char* field) {
    if (!body.contains(field)) return {};
    const auto& value = body[field];
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
    throw Rejected(fmt::format("\"{}\" must be a string or a whole number", field));
}

Endpoint parse_endpoint(const std::string& name) {
    std::vector<std::string_view> known;
    for (std::size_t i = 0; i < endpoint_count; ++i) {
        const auto endpoint = static_cast<Endpoint>(i);
        if (to_string(endpoint) == name) return endpoint;
        known.push_back(to_string(endpoint));
    }
    throw Rejected(fmt::format("unknown endpoint '{}'; known: {}", name, fmt::join(known, ", ")));
}

const Row& find_row(const std::string& name, Endpoint endpoint) {
    std::vector<std::string_view> fitting;
    bool exists = false;
    for (const auto& row : rows()) {
        const bool fits = (row.endpoints & bit(endpoint)) != 0;
        if (row.name == name && fits) return row;
        if (row.name == name) exists = true;
        if (fits) fitting.push_back(row.name);
    }
    throw Rejected(fmt::format("{} '{}'{} {}; known there: {}", exists ? "fault" : "unknown fault", name,
                               exists ? " does not apply to" : " for", to_string(endpoint),
                               fmt::join(fitting, ", ")));
}

std::string parse_value(const std::string& given, const Row& row) {
    const auto value = given.empty() && !row.values.empty() ? std::string{row.values.front()} : given;
    const auto refuse_value = [&](const std::string& allowed) {
        throw Rejected(fmt::format("fault '{}': value '{}' is not allowed; {}", row.name, value, allowed));
    };
    const bool is_number = !value.empty() && value.size() < 9 &&
                           std::ranges::all_of(value, [](unsigned char c) { return std::isdigit(c); });
    switch (row.rule) {
        case ValueRule::none:
            if (!value.empty()) refuse_value("it takes none");
            break;
        case ValueRule::choice:
            if (std::ranges::find(row.values, value) == row.values.end())
                refuse_value(fmt::format("one of: {}", fmt::join(row.values, ", ")));
            break;
        case ValueRule::milliseconds:
            if (!is_number) refuse_value("a whole number of milliseconds");
            break;
        case ValueRule::date:
            if (value.size() != 10 || value[2] != '.' || value[5] != '.')
                refuse_value("a date such as 21.11.2026");
            break;
        case ValueRule::free_text:
            if (value.find_first_of("\r\n") != std::string::npos) refuse_value("one line");
            break;
    }
    return value;
}

void check_fields(const json& body, const Row& row, Endpoint endpoint) {
    std::vector<std::string_view> allowed{"endpoint", "fault", "for", "count"};
    if (row.rule != ValueRule::none) allowed.push_back("value");
    if (row.honours_symbol) allowed.push_back("symbol");
    if (row.honours_stream && endpoint == Endpoint::binance_stream) allowed.push_back("stream");
    if (endpoint == Endpoint::binance_stream) allowed.push_back("line");
    if (row.kind == FaultKind::status && endpoint == Endpoint::coingecko_rest) allowed.push_back("shape");
    for (const auto& [field, value] : body.items()) {
        if (std::ranges::find(allowed, field) == allowed.end())
            throw Rejected(fmt::format("fault '{}' on {} has no field '{}'; allowed: {}", row.name,
                                       to_string(endpoint), field, fmt::join(allowed, ", ")));
    }
}

int parse_line(const json& body) {
    const auto line = text_of(body, "line");
    if (line.empty()) return 0;
    if (line != "1" && line != "2") throw Rejected("\"line\" is 1 or 2");
    return line == "1" ? 1 : 2;
}

std::string parse_shape(const json& body) {
    auto shape = text_of(body, "shape");
    if (!shape.empty() && std::ranges::find(shapes, shape) == shapes.end())
        throw Rejected(fmt::format("unknown shape '{}'; known: {}", shape, fmt::join(shapes, ", ")));
    return shape;
}

}  // namespace

std::string_view to_string(FaultKind kind) {
    for (const auto& row : rows()) {
        if (row.kind == kind) return row.name;
    }
    return "unknown";
}

bool acts_at_once(FaultKind kind) {
    return kind == FaultKind::cut || kind == FaultKind::server_shutdown || kind == FaultKind::error_frame ||
           kind == FaultKind::lose_subscriptions;
}

Fault parse_fault(const json& body, Instant now, bool endpoints_speak_tls) {
    if (!body.is_object()) throw Rejected(R"(expected an object such as {"endpoint":"cbr","fault":"never"})");
    Fault fault;
    fault.since = now;
    fault.endpoint = parse_endpoint(text_of(body, "endpoint"));
    const auto& row = find_row(text_of(body, "fault"), fault.endpoint);
    check_fields(body, row, fault.endpoint);
    fault.kind = row.kind;
    fault.value = parse_value(text_of(body, "value"), row);
    fault.symbol = text_of(body, "symbol");
    fault.stream = text_of(body, "stream");
    fault.line = parse_line(body);
    fault.shape = parse_shape(body);
    if (const auto duration = text_of(body, "for"); !duration.empty())
        fault.until = now + parse_duration(duration);
    if (body.contains("count")) {
        if (!body["count"].is_number_integer() || body["count"].get<std::int64_t>() < 1)
            throw Rejected("\"count\" must be a whole number from 1");
        fault.left = body["count"].get<std::int64_t>();
    }
    if (fault.kind == FaultKind::tls && !endpoints_speak_tls)
        throw Rejected("fault 'tls' needs a simulator started with --tls");
    return fault;
}

nlohmann::ordered_json describe(int id, const Fault& fault, Instant now) {
    nlohmann::ordered_json shown{
        {"id", id}, {"endpoint", to_string(fault.endpoint)}, {"fault", to_string(fault.kind)}};
    if (!fault.symbol.empty()) shown["symbol"] = fault.symbol;
    if (!fault.stream.empty()) shown["stream"] = fault.stream;
    if (fault.line != 0) shown["line"] = fault.line;
    if (!fault.value.empty()) shown["value"] = fault.value;
    if (!fault.shape.empty()) shown["shape"] = fault.shape;
    if (fault.until) shown["ms_left"] = (*fault.until - now).count();
    if (fault.left) shown["count_left"] = *fault.left;
    return shown;
}

}  // namespace sim
