#pragma once

#include <string>
#include <string_view>

#include "kurs/api/problem.hpp"

namespace kurs::api {

/// Caches may keep the response but must ask each time. Caches that ignore `no-cache` treat it as expired.
inline constexpr std::string_view revalidate = "Cache-Control: no-cache, max-age=0\r\n";
inline constexpr std::string_view no_store = "Cache-Control: no-store\r\n";

/// What is to be sent. Borrowed from whoever owns the response.
struct ResponseView {
    unsigned status = 0;
    std::string_view head;
    std::string_view body;
    bool is_lasting = false;      ///< the body lives as long as the API
    std::string_view route = {};  ///< the path of the route that answered; empty: none. Lives for ever.
};

/// A rendered response. Only Date, Connection and the blank line that ends the head are missing: the server
/// adds them.
struct Response {
    unsigned status = 0;
    std::string head;  ///< the status line and headers, each ended by CRLF
    std::string body;

    ResponseView view() const { return {status, head, body}; }
};

/// Renders responses with the headers that all of them share.
class ResponseWriter {
public:
    /// `allowed_origin` is the CORS setting: empty for off, "*", or one origin.
    explicit ResponseWriter(std::string allowed_origin);

    /// `headers` are whole lines, each ended by CRLF. 204 and 304 carry no Content-Length, as they end with
    /// the head.
    Response write(unsigned status, std::string_view headers, std::string body) const;
    Response write_json(unsigned status, std::string_view headers, std::string body) const;
    Response write(const Problem& problem) const;
    Response write_redirect(std::string_view path, std::string_view query) const;

    /// For a body of `length` bytes that is kept elsewhere.
    Response write_head(unsigned status, std::string_view headers, std::size_t length) const;

    /// The head of a response whose body ends with the connection.
    std::string write_open(unsigned status, std::string_view headers) const;

    const std::string& allowed_origin() const { return allowed_origin_; }
    bool has_cors() const { return !allowed_origin_.empty(); }

private:
    std::string allowed_origin_;
    std::string common_;
};

}  // namespace kurs::api
