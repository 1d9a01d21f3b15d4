#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/endpoint.hpp"

namespace kurs {

/// The URL with its scheme in lower case: schemes are case-insensitive (RFC 3986, 3.1).
std::string with_lower_scheme(std::string url);

/// Reads a URL with one of two schemes, plain or TLS ("ws" and "wss", "http" and "https"). None for another
/// scheme, a missing host, or a URL with a query, fragment or user.
std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view plain, std::string_view tls);

}  // namespace kurs
