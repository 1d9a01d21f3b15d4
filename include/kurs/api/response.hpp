#pragma once

#include <string>
#include <string_view>

#include "kurs/api/problem.hpp"

namespace kurs::api {

/// Caches may keep the response but must revalidate it each time. Caches that ignore `no-cache` treat it as
/// stale.
inline constexpr std::string_view revalidate = "Cache-Control: no-cache, max-age=0\r\n";
inline constexpr std::string_view no_store = "Cache-Control: no-store\r\n";

/// The bytes of a response. Borrowed from its owner.
struct ResponseView {
    unsigned status = 0;
    std::string_view head;
    std::string_view body;
    bool is_lasting = false;      ///< the body lives as long as the API
    std::string_view route = {};  ///< path of the route that responded; empty: none. Static text
};

/// A rendered response. The server adds Date, Connection and the blank line that ends the head.
struct Response {
    unsigned status = 0;
    std::string head;  ///< the status line and headers, each ending with CRLF
    std::string body;

    ResponseView view() const { return {status, head, body}; }
};

/// Renders responses with the common headers.
class ResponseWriter {
public:
    /// `allowed_origin` is the CORS setting: empty for off, "*", or one origin.
    explicit ResponseWriter(std::string allowed_origin);

    /// `headers` are complete lines, each ending with CRLF. 204 and 304 have no Content-Length, since they
    /// end with the head.
    Response write(unsigned status, std::string_view headers, std::string body) const;
    Response write_json(unsigned status, std::string_view headers, std::string body) const;
    Response write(const Problem& problem) const;
    Response write_redirect(std::string_view path, std::string_view query) const;

    /// For a body of `length` bytes that is stored elsewhere.
    Response write_head(unsigned status, std::string_view headers, std::size_t length) const;

    /// The head of a response whose body ends when the connection closes.
    std::string write_open(unsigned status, std::string_view headers) const;

    const std::string& allowed_origin() const { return allowed_origin_; }
    bool has_cors() const { return !allowed_origin_.empty(); }

    /// The value of Allow for these methods of an endpoint.
    std::string allow(std::string_view methods) const {
        return std::string(methods) + (has_cors() ? ", OPTIONS" : "");
    }

private:
    std::string allowed_origin_;
    std::string common_;
};

}  // namespace kurs::api
