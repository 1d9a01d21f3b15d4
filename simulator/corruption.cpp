#include "corruption.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "decimal.hpp"

namespace sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t oversized_bytes = 1'000'000;

bool is_coingecko(const Json& payload) {
    return payload.contains("c") && payload["c"] == "C1";
}
bool is_book(const Json& payload) {
    return payload.contains("u") && !payload.contains("e");
}

std::vector<std::string> price_keys(const Json& payload) {
    if (is_coingecko(payload)) return {"p"};
    if (is_book(payload)) return {"b", "a"};
    const auto event = payload.value("e", "");
    if (event == "24hrMiniTicker") return {"c"};
    if (event == "24hrTicker") return {"c", "b", "a"};
    if (event == "trade" || event == "aggTrade") return {"p"};
    if (event == "avgPrice") return {"w"};
    return {};
}

/// The text of a price that is sent as a string or as a number.
std::string price_text(const Json& price) {
    return price.is_string() ? price.get<std::string>() : price.dump();
}

/// A malformed price: a string where prices are strings, otherwise the nearest JSON value.
std::optional<std::string> distorted(std::string_view corruption, const std::string& price) {
    if (corruption == "zero_price") return "0.00000000";
    if (corruption == "negative_price") return "-" + price;
    if (corruption == "nan_price") return "NaN";
    if (corruption == "exponent_price") return fmt::format("{:.6e}", std::stod(price));
    if (corruption == "long_price") {
        auto digits = price + (price.find('.') == std::string::npos ? "." : "");
        while (digits.size() < 40) digits += '0';
        return digits + "1";  // 40 digits and the point
    }
    if (corruption == "jump") {
        auto moved = price + (price.find('.') == std::string::npos ? ".0" : "");
        const auto point = moved.find('.');
        std::swap(moved[point], moved[point + 1]);
        moved += '0';  // as many decimals as before
        const auto first = moved.find_first_not_of('0');
        return moved.substr(moved[first] == '.' ? first - 1 : first);
    }
    return std::nullopt;
}

bool distort_prices(std::string_view corruption, Json& payload, std::map<std::string, std::string>& raw) {
    bool changed = false;
    for (const auto& key : price_keys(payload)) {
        if (!payload.contains(key) || payload[key].is_null()) continue;
        if (corruption == "null_price") {
            payload[key] = nullptr;
            changed = true;
            continue;
        }
        const auto price = distorted(corruption, price_text(payload[key]));
        if (!price) return false;
        const bool was_text = payload[key].is_string();
        payload[key] = was_text ? *price : "@" + key;
        if (!was_text) raw["\"@" + key + "\""] = corruption == "nan_price" ? "\"NaN\"" : *price;
        changed = true;
    }
    return changed;
}

bool shift_time(Json& payload, std::int64_t seconds) {
    const char* key = is_coingecko(payload) ? "t" : "E";
    if (!payload.contains(key) || !payload[key].is_number_integer()) return false;
    const auto time = payload[key].get<std::int64_t>();
    const std::int64_t per_second = is_coingecko(payload) ? 1 : time > 100'000'000'000'000 ? 1'000'000 : 1000;
    payload[key] = time + seconds * per_second;
    return true;
}

bool cross_book(Json& payload) {
    if (!payload.contains("b") || !payload.contains("a") || !payload["b"].is_string()) return false;
    const auto ask = parse_amount(payload["a"].get<std::string>());
    if (!ask) return false;
    payload["b"] = to_string(Amount{ask->units + ask->units / 100});
    return true;
}

/// An older or repeated update id.
bool set_back_update_id(Json& payload, std::int64_t update_id) {
    if (!is_book(payload) || update_id <= 0) return false;
    payload["u"] = update_id;
    return true;
}

/// Repeats the first prices; update id and times advance.
bool freeze(Json& payload, const CorruptionContext& context) {
    const auto [first, is_new] = context.frozen->try_emplace(context.name, payload.dump());
    const auto old = Json::parse(first->second);
    for (const auto& key : price_keys(payload)) {
        if (old.contains(key)) payload[key] = old[key];
    }
    return true;
}

void set_unknown_event(Json& payload, Instant now) {
    payload = Json{
        {"e", "somethingNew"}, {"E", to_unix_ms(now)}, {"s", payload.value("s", "")}, {"x", Json{{"y", 1}}}};
}

void add_keys(Json& payload) {
    payload["zz"] = "unexpected";
    payload["nested"] = Json{{"b", "1.0"}, {"list", {1, 2, nullptr}}};
}

bool change_members(std::string_view corruption, Json& payload, const CorruptionContext& context) {
    if (corruption == "future_time") return shift_time(payload, 5);
    if (corruption == "past_time") return shift_time(payload, -60);
    if (corruption == "crossed") return cross_book(payload);
    if (corruption == "duplicate_u") return set_back_update_id(payload, context.last_update_id);
    if (corruption == "reordered_u") return set_back_update_id(payload, context.last_update_id - 3);
    if (corruption == "frozen") return freeze(payload, context);
    if (corruption == "microseconds" && payload.contains("E")) {
        payload["E"] = payload["E"].get<std::int64_t>() * 1000;
        return true;
    }
    if (corruption == "utf8_symbol") {
        payload[is_coingecko(payload) ? "i" : "s"] = "\u5e01\u5b89\u4eba\u751fUSDT";
        return true;
    }
    if (corruption == "unknown_event") {
        set_unknown_event(payload, context.now);
        return true;
    }
    if (corruption == "extra_keys") {
        add_keys(payload);
        return true;
    }
    if (corruption == "oversized") {
        payload["pad"] = std::string(oversized_bytes, 'x');
        return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> corrupt_payload(std::string_view corruption, const std::string& payload,
                                           const CorruptionContext& context) {
    auto document = Json::parse(payload, nullptr, false);
    if (!document.is_object()) return std::nullopt;
    std::map<std::string, std::string> raw;  // JSON numbers that nlohmann would format differently
    if (!change_members(corruption, document, context) && !distort_prices(corruption, document, raw))
        return std::nullopt;
    auto text = document.dump();
    for (const auto& [placeholder, number] : raw)
        text.replace(text.find(placeholder), placeholder.size(), number);
    return text;
}

std::optional<Frame> corrupt_frame(std::string_view corruption, const std::string& text) {
    if (corruption == "garbage") return Frame{.text = "<<~ not JSON ~>> \x01\x02 " + text.substr(0, 7)};
    if (corruption == "truncated") return Frame{.text = text.substr(0, text.size() / 2)};
    if (corruption == "binary") return Frame{.text = text, .is_binary = true};
    if (corruption == "fragmented") return Frame{.text = text, .is_fragmented = true};
    return std::nullopt;
}

}  // namespace sim
