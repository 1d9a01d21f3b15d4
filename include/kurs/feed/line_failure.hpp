#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kurs/feed/line_end.hpp"

namespace kurs {

/// Why an attempt or a connection failed, in a few kinds that are counted.
enum class LineFailure : std::uint8_t {
    connect,            ///< no name, no route, no TLS, no upgrade, or not in time
    certificate,        ///< the peer's certificate was not believed
    key_refused,        ///< 401
    firewall,           ///< 403
    banned,             ///< 418
    too_many_requests,  ///< 429
    region,             ///< 451
    status,             ///< any other status that is no success, such as 503
    dismissed,          ///< the venue said not to come back, as for a wrong key
    closed,             ///< the venue closed or cut the connection
    silent,             ///< nothing came in time, or not of all symbols
    protocol,           ///< what came was not what was expected, or too large
    other,              ///< for a reason of our own, as when this process stood still
};

inline constexpr std::size_t line_failure_count = static_cast<std::size_t>(LineFailure::other) + 1;

/// The name used in metrics, such as "key_refused".
std::string_view to_string(LineFailure failure);

/// The names of all, in their order.
std::array<std::string_view, line_failure_count> line_failure_names();

LineFailure failure_of_status(int status);

/// Nothing if it ended as planned.
std::optional<LineFailure> failure_of(const LineEnd& end);

}  // namespace kurs
