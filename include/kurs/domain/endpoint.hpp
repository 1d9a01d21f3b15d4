#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace kurs {

/// The address of a venue: the parts of a ws, wss, http or https URL.
struct Endpoint {
    bool tls = true;
    std::string host;  ///< the name to resolve, without brackets or port
    std::uint16_t port = 443;
    std::string path;  ///< "" or "/...", without a trailing slash

    /// The name that TLS verifies: the host without the final dot of a fully qualified name. Only the
    /// resolver understands that dot.
    std::string server_name() const;

    /// The value of the Host header: includes the port only if it is not the default of the scheme.
    std::string host_header() const;

    /// What a request line asks for: the path and `rest`, which is "", "/..." or "?...". At least a slash.
    std::string request_target(std::string_view rest) const;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "host:port" for logs: never the path or query, which may hold a key.
std::string to_string(const Endpoint& endpoint);

}  // namespace kurs
