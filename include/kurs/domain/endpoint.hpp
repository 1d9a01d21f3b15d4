#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace kurs {

/// Where a venue is reached: the parts of a ws, wss, http or https URL.
struct Endpoint {
    bool tls = true;
    std::string host;  ///< what the resolver is asked for: without brackets or port
    std::uint16_t port = 443;
    std::string path;  ///< "" or "/...", without a trailing slash

    /// What TLS verifies: the host without the final dot of a fully qualified name, which only the resolver
    /// understands.
    std::string server_name() const;

    /// What the Host header carries: the port only where it is not the scheme's own.
    std::string host_header() const;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "host:port" for logs: never the path or query, which may hold a key.
std::string to_string(const Endpoint& endpoint);

}  // namespace kurs
