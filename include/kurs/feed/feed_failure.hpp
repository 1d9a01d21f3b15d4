#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kurs/feed/connection_end.hpp"

namespace kurs {

/// Why an attempt or a connection failed: the kinds that metrics count.
enum class FeedFailure : std::uint8_t {
    connect,            ///< name lookup, connect, TLS or upgrade failed or timed out
    certificate,        ///< the peer's certificate is not trusted
    key_refused,        ///< 401
    firewall,           ///< 403
    banned,             ///< 418
    too_many_requests,  ///< 429
    region,             ///< 451
    status,             ///< any other error status, such as 503
    dismissed,          ///< the venue rejected the client permanently, as for a wrong key
    closed,             ///< the venue closed the connection, or it was lost
    silent,             ///< timeout, or some symbols deliver no data
    protocol,           ///< unexpected or oversized data
    other,              ///< a local cause, such as a stalled event loop
};

inline constexpr std::size_t feed_failure_count = static_cast<std::size_t>(FeedFailure::other) + 1;

/// The name used in metrics, such as "key_refused".
std::string_view to_string(FeedFailure failure);

/// All names, in the order of the enumerators.
std::array<std::string_view, feed_failure_count> feed_failure_names();

FeedFailure failure_of_status(int status);

/// None if the connection ended as planned.
std::optional<FeedFailure> failure_of(const ConnectionEnd& end);

}  // namespace kurs
