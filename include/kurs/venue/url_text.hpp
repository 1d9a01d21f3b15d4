#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"

namespace kurs {

/// The URL with its scheme in lower case: schemes are case-insensitive (RFC 3986, 3.1).
std::string with_lower_scheme(std::string url);

/// Reads a URL with one of two schemes, plain or TLS ("ws" and "wss", "http" and "https"). None for another
/// scheme, a missing host, or a URL with a query, fragment or user.
std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view plain, std::string_view tls);

/// Reads "http://user:password@host:port" or "socks5h://host:port". The user is optional, the port is not.
/// None for another scheme (the proxy resolves the venue's name, so there is no socks5), a path or a query.
std::optional<Proxy> parse_proxy(std::string_view url);

}  // namespace kurs
