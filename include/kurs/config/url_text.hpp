#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/endpoint.hpp"

namespace kurs {

/// The URL with its scheme in lower case: case means nothing there (RFC 3986, 3.1).
std::string with_lower_scheme(std::string url);

/// Reads a URL with one of two schemes, the plain and the TLS one ("ws" and "wss", "http" and "https").
/// Nothing on any other scheme, a missing host, or where a query, fragment or user stands in it.
std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view plain, std::string_view tls);

/// An http or https origin as browsers write it in `Origin`: in lower case, without the scheme's own port.
/// Nothing on any other URL, a path, a list, a pattern or characters that are not ASCII.
std::optional<std::string> parse_origin(std::string_view url);

}  // namespace kurs
