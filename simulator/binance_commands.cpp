#include "binance_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

namespace sim {
namespace {

using nlohmann::json;

constexpr std::size_t most_streams = 1024;

std::string flat_error(int code, std::string_view message) {
    return fmt::format(R"({{"code":{},"msg":{}}})", code, json(message).dump());
}

std::string flat_error(int code, std::string_view message, const json& id) {
    return fmt::format(R"({{"code":{},"msg":{},"id":{}}})", code, json(message).dump(), id.dump());
}

std::string nested_error(int code, std::string_view message, const json& id) {
    return fmt::format(R"({{"error":{{"code":{},"msg":{}}},"id":{}}})", code, json(message).dump(),
                       id.dump());
}

std::string success(const json& result, const json& id) {
    return fmt::format(R"({{"result":{},"id":{}}})", result.dump(), id.dump());
}

bool is_well_formed(const std::string& name) {
    static const std::regex of_a_symbol(
        R"([^@]+@(bookTicker|miniTicker|ticker|aggTrade|trade|blockTrade|avgPrice|referencePrice|depth.*|kline_.*))");
    static const std::regex of_all(R"(![^@]+@arr(@.*)?)");
    return std::regex_match(name, of_a_symbol) || std::regex_match(name, of_all);
}

void add_name(std::string name, Subscriptions& subscriptions) {
    if (!name.empty() && !subscriptions.contains(name)) subscriptions.names.push_back(std::move(name));
}

/// Stream names in a URL are not checked: an unknown one connects and delivers nothing.
void add_names_of_url(std::string_view list, Subscriptions& subscriptions) {
    while (!list.empty() && subscriptions.names.size() < most_streams) {
        const auto name = list.substr(0, list.find('/'));
        list.remove_prefix(std::min(name.size() + 1, list.size()));
        add_name(std::string{name}, subscriptions);
    }
}

bool is_valid_id(const json& command) {
    if (!command.contains("id")) return false;
    const auto& id = command["id"];
    return id.is_null() || id.is_number_integer() || (id.is_string() && id.get<std::string>().size() <= 36);
}

std::string change_streams(bool subscribe, const json& params, const json& id, Subscriptions& subscriptions) {
    auto changed = subscriptions;
    for (const auto& param : params) {
        if (!param.is_string() || !is_well_formed(param.get<std::string>()))
            return nested_error(2, "Invalid request: invalid stream", id);
        if (subscribe)
            add_name(param.get<std::string>(), changed);
        else
            std::erase(changed.names, param.get<std::string>());
    }
    if (changed.names.size() > most_streams) return nested_error(4, "Too many subscriptions", id);
    subscriptions = std::move(changed);
    return success(nullptr, id);
}

std::string property(bool set, const json& params, const json& id, Subscriptions& subscriptions) {
    const std::size_t wanted = set ? 2 : 1;
    if (params.size() > wanted) return flat_error(2, "Invalid request: too many parameters");
    if (params.empty() || !params[0].is_string())
        return flat_error(2, "Invalid request: property name must be a string");
    if (params[0] != "combined") return flat_error(0, "Unknown property", id);
    if (!set) return success(subscriptions.combined, id);
    if (params.size() < wanted || !params[1].is_boolean())
        return flat_error(1, "Invalid value type: expected Boolean");
    subscriptions.combined = params[1].get<bool>();
    return success(nullptr, id);
}

}  // namespace

bool Subscriptions::contains(std::string_view name) const {
    return std::ranges::find(names, name) != names.end();
}

std::optional<Subscriptions> parse_stream_request(const Request& request) {
    Subscriptions subscriptions;
    const std::string_view path = request.path;
    if (path == "/stream") {
        subscriptions.combined = true;
        add_names_of_url(request.parameter("streams").value_or(""), subscriptions);
    } else if (path == "/ws" || path.starts_with("/ws/")) {
        add_names_of_url(path.substr(std::min<std::size_t>(4, path.size())), subscriptions);
    } else {
        return std::nullopt;
    }
    const auto unit = request.parameter("timeUnit").value_or("");
    subscriptions.microseconds = unit == "MICROSECOND" || unit == "microsecond";
    return subscriptions;
}

std::string answer_command(std::string_view text, Subscriptions& subscriptions) {
    json command;
    try {
        command = json::parse(text);
    } catch (const json::parse_error& failure) {
        return flat_error(3, fmt::format("Invalid JSON: expected value at line 1 column {}", failure.byte));
    }
    if (!command.is_object() || !command.contains("method"))
        return flat_error(
            2, fmt::format("Invalid request: missing field `method` at line 1 column {}", text.size()));
    const auto& given = command["method"];
    const auto method = given.is_string() ? given.get<std::string>() : given.dump();
    const auto params = command.value("params", json::array());
    const bool changes = method == "SUBSCRIBE" || method == "UNSUBSCRIBE";
    const bool concerns_property = method == "SET_PROPERTY" || method == "GET_PROPERTY";
    if (!changes && !concerns_property && method != "LIST_SUBSCRIPTIONS")
        return flat_error(2,
                          fmt::format("Invalid request: unknown variant `{}`, expected one of `SUBSCRIBE`, "
                                      "`UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` "
                                      "at line 1 column 28",
                                      method));
    if (!is_valid_id(command))
        return flat_error(2, "Invalid request: request ID must be an unsigned integer");
    const auto& id = command["id"];
    if (changes) return change_streams(method == "SUBSCRIBE", params, id, subscriptions);
    if (concerns_property) return property(method == "SET_PROPERTY", params, id, subscriptions);
    if (!params.empty()) return flat_error(2, "Invalid request: too many parameters");
    return success(subscriptions.names, id);
}

std::string in_envelope(const Subscriptions& subscriptions, std::string_view name, std::string_view payload) {
    if (!subscriptions.combined) return std::string{payload};
    return fmt::format(R"({{"stream":{},"data":{}}})", json(name).dump(), payload);
}

}  // namespace sim
