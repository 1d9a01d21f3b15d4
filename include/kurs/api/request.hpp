#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kurs::api {

enum class Method : std::uint8_t { get, head, options, other };

/// What a request says that asks for a connection to stay open.
struct Upgrade {
    std::string_view last_event_id = {};
    bool is_web_socket = false;  ///< it asks, in the right form, for WebSocket
    std::string_view web_socket_key = {};
    std::string_view origin = {};
    std::string_view host = {};
};

/// What the API needs to know of a request. Borrowed: valid as long as the bytes it was read from.
struct Request {
    Method method = Method::get;
    std::string_view target;         ///< as on the request line
    std::string_view if_none_match;  ///< the values of all such header lines, joined by commas
    std::string_view accept = {};    ///< likewise
    Upgrade upgrade = {};
};

/// A request target, taken apart.
struct Target {
    std::optional<std::string_view> authority;  ///< of the absolute form, which clients send to a proxy
    std::string_view path;
    std::string_view query;
};

Target split_target(std::string_view target);

}  // namespace kurs::api
