#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "kurs/api/problem.hpp"
#include "kurs/api/request.hpp"
#include "kurs/server/limits.hpp"

namespace kurs::server {

/// Whether `text` is a host with an optional port, as in a Host header (RFC 9112, 3.2). May be empty.
bool is_host(std::string_view text);

/// Parses requests from bytes, one after another. Bodies are discarded, except that of a POST.
class RequestParser {
public:
    /// The limits must outlive it.
    explicit RequestParser(const ServerLimits& limits);
    explicit RequestParser(ServerLimits&&) = delete;
    ~RequestParser();

    /// Parses from the front of `bytes` and returns how many were consumed. Pass the rest again with more
    /// bytes appended. Must not be called once a request is complete or refused.
    std::size_t feed(std::string_view bytes);

    bool has_started() const;
    bool is_complete() const;
    const std::optional<api::Problem>& refusal() const;

    /// True once per request, if its client waits for "100 Continue" before it sends the body.
    bool take_expectation();

    // Of a complete request; valid until `next`.
    api::Request request() const;
    std::string_view method_text() const;
    bool keep_alive() const;
    bool names_web_socket() const;  ///< in Upgrade, whether or not the rest is well-formed
    bool is_http_1_0() const;

    /// Prepares for the next request.
    void next();

    /// Releases its memory: there is no next request. Only destruction is allowed afterwards.
    void close();

private:
    struct Head;
    class Reader;
    struct Parsing;

    bool repeats(std::string_view bytes) const;
    bool is_repeated() const;
    void refuse(unsigned status, std::string detail);
    bool is_target_long(std::string_view unused) const;

    const ServerLimits& limits_;
    std::unique_ptr<Parsing> parsing_;
};

}  // namespace kurs::server
