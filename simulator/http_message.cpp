#include "http_message.hpp"

#include <fmt/format.h>

namespace sim {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view phrase(unsigned status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 302: return "Found";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 418: return "I'm a teapot";
        case 422: return "Unprocessable Entity";
        case 429: return "Too Many Requests";
        case 451: return "Unavailable For Legal Reasons";
        case 500: return "Internal Server Error";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Unknown";
    }
}

}  // namespace

std::string Request::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
}

std::optional<std::string> Request::parameter(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::nullopt : std::optional{found->second};
}

std::string percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                               hex_digit(text[i + 2]) >= 0;
        if (!is_escape) {
            decoded += text[i];
            continue;
        }
        decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    return decoded;
}

void parse_target(std::string_view target, Request& request) {
    const auto question = target.find('?');
    request.path = percent_decode(target.substr(0, question));
    if (question == std::string_view::npos) return;
    auto rest = target.substr(question + 1);
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        const auto name = percent_decode(pair.substr(0, equals));
        if (!request.query.insert_or_assign(name, percent_decode(value)).second) request.repeated = name;
    }
}

std::string head_of(const Reply& reply, bool keep_alive) {
    const auto length =
        reply.delivery == Delivery::wrong_length ? reply.body.size() + 100 : reply.body.size();
    auto head = fmt::format("HTTP/1.1 {} {}\r\n", reply.status, phrase(reply.status));
    if (!reply.body.empty()) head += fmt::format("Content-Type: {}\r\n", reply.type);
    for (const auto& [name, value] : reply.headers) head += fmt::format("{}: {}\r\n", name, value);
    return head + fmt::format("Content-Length: {}\r\nConnection: {}\r\n\r\n", length,
                              keep_alive ? "keep-alive" : "close");
}

Reply firewall_page(unsigned status) {
    return {.status = status,
            .type = "text/html",
            .body =
                "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>"
                "<BODY><H1>Request blocked.</H1></BODY></HTML>"};
}

}  // namespace sim
