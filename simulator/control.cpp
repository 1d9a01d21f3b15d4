#include "control.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "rejected.hpp"

namespace sim {
namespace {

using nlohmann::json;

constexpr std::string_view routes =
    "GET /healthz, GET /endpoints, GET /state, GET /books, GET /faults, POST /faults, DELETE /faults, DELETE "
    "/faults/{id}, "
    "POST /prices, POST /replay";

Reply json_reply(unsigned status, std::string body) {
    return {.status = status, .body = std::move(body)};
}

Reply error_reply(unsigned status, std::string_view message) {
    return json_reply(status, json{{"error", message}}.dump());
}

json parse_body(const Request& request) {
    auto body = json::parse(request.body, nullptr, false);
    if (body.is_discarded()) throw Rejected("the body is not JSON");
    return body;
}

}  // namespace

Reply Control::answer(const Request& request, Instant now) {
    try {
        return route(request, now);
    } catch (const Rejected& rule) {
        return error_reply(400, rule.what());
    }
}

Reply Control::route(const Request& request, Instant now) {
    const auto is = [&](std::string_view method, std::string_view path) {
        return request.method == method && request.path == path;
    };
    if (is("GET", "/healthz")) return json_reply(200, R"({"status":"ok"})");
    if (is("GET", "/endpoints")) return json_reply(200, targets_.endpoints());
    if (is("GET", "/state")) return json_reply(200, targets_.state(now));
    if (is("GET", "/books")) return list_books(request, now);
    if (is("GET", "/faults")) return list_faults(now);
    if (is("POST", "/faults")) return post_fault(request, now);
    if (request.method == "DELETE" && request.path.starts_with("/faults")) return delete_faults(request.path);
    if (is("POST", "/prices")) {
        targets_.set_prices(parse_body(request), now);
        return {.status = 204};
    }
    if (is("POST", "/replay")) {
        targets_.restart_replay(now);
        return {.status = 204};
    }
    return error_reply(404, fmt::format("no such route; known: {}", routes));
}

Reply Control::list_books(const Request& request, Instant now) {
    const auto text = request.parameter("since").value_or("0");
    std::int64_t since = 0;
    const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), since);
    if (failure != std::errc{} || rest != text.data() + text.size())
        throw Rejected("\"since\" is a time in milliseconds since 1970");
    return json_reply(200, targets_.books(Instant{Millis{since}}, now));
}

Reply Control::list_faults(Instant now) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& [id, fault] : targets_.faults.active(now)) list.push_back(describe(id, fault, now));
    return json_reply(200, list.dump());
}

Reply Control::post_fault(const Request& request, Instant now) {
    auto fault = parse_fault(parse_body(request), now, targets_.endpoints_speak_tls);
    const auto id = targets_.faults.add(fault);
    if (acts_at_once(fault.kind)) {
        targets_.faults.erase(id);
        targets_.strike(fault, now);
    }
    return json_reply(201, fmt::format(R"({{"id":{}}})", id));
}

Reply Control::delete_faults(std::string_view path) {
    if (path == "/faults" || path == "/faults/") {
        targets_.faults.clear();
        return {.status = 204};
    }
    const auto text = path.substr(std::min(path.size(), std::string_view{"/faults/"}.size()));
    int id = 0;
    const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool is_number = failure == std::errc{} && rest == text.data() + text.size();
    if (!is_number || !targets_.faults.erase(id)) return error_reply(404, fmt::format("no fault '{}'", text));
    return {.status = 204};
}

}  // namespace sim
