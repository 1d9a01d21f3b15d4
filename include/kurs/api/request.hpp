#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kurs::api {

enum class Method : std::uint8_t { get, head, post, options, other };

/// The upgrade headers and related fields of a request.
struct Upgrade {
    std::string_view last_event_id = {};
    bool is_web_socket = false;  ///< a well-formed WebSocket upgrade
    std::string_view web_socket_key = {};
    std::string_view origin = {};
    std::string_view host = {};
};

/// The parts of a request that the API needs. Borrowed: valid as long as the bytes they were parsed from.
struct Request {
    Method method = Method::get;
    std::string_view target;         ///< as on the request line
    std::string_view if_none_match;  ///< the values of all If-None-Match lines, joined by commas
    std::string_view accept = {};    ///< likewise for Accept
    Upgrade upgrade = {};
    std::string_view forwarded_for = {};  ///< as If-None-Match, for X-Forwarded-For
    std::string_view authorization = {};  ///< as If-None-Match, for Authorization
    std::string_view peer = {};           ///< the address at the other end of the connection
    std::string_view content_type = {};
    std::optional<std::string_view> idempotency_key = {};  ///< as If-None-Match, for Idempotency-Key
    std::string_view body = {};                            ///< of a POST
    std::string_view x_authorization = {};                 ///< as If-None-Match, for X-Authorization
    std::string_view accept_encoding = {};                 ///< as If-None-Match, for Accept-Encoding
};

/// A parsed request target.
struct Target {
    std::optional<std::string_view> authority;  ///< of the absolute form, which clients send to a proxy
    std::string_view path;
    std::string_view query;
};

Target split_target(std::string_view target);

}  // namespace kurs::api
