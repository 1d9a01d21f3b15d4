#pragma once

#include <optional>
#include <string_view>

namespace kurs::http {

/// A request target, taken apart.
struct Target {
    std::optional<std::string_view> authority;  ///< of the absolute form, which clients send to a proxy
    std::string_view path;
    std::string_view query;
};

Target split_target(std::string_view target);

/// Whether `text` is a host with an optional port, as a Host header has it (RFC 9112, 3.2). Empty is allowed.
bool is_host(std::string_view text);

}  // namespace kurs::http
