#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

enum class LineEndCause {
    cancelled,        ///< we were told to stop
    connect_failed,   ///< no name, no route, no TLS, no upgrade, or not in time
    upgrade_refused,  ///< the venue answered the upgrade with `status`
    closed_by_peer,   ///< a close frame, or the connection was cut
    protocol_error,   ///< what came was no websocket frame
    oversized,        ///< a message above the limit
    idle,             ///< no frame of any kind
    silent,           ///< frames, but no symbol delivers
    partly_silent,    ///< some symbols deliver, others do not
    farewell,         ///< the session asked for a replacement
    rotation_due,     ///< old enough to be replaced before the venue cuts it
    loop_stalled,     ///< this process stood still, so that what waits to be read has an unknown age
};

/// Why a line (one connection to a venue, from the first attempt to the end) is over.
struct LineEnd {
    LineEndCause cause = LineEndCause::cancelled;
    std::string text;                     ///< for the log: no paths, no header values
    int status = 0;                       ///< of a refused upgrade
    std::optional<Duration> retry_after;  ///< as the venue asked for with the refusal
    bool is_permanent = false;            ///< of a farewell
    bool is_untrusted = false;            ///< of a failure to connect: the certificate was not believed
    bool was_live = false;                ///< every symbol delivered at some time
    Duration delivered_for{};             ///< from the first tick to the last
};

/// How a refused request reads in the log: "too many connections (429), retry after 7 s".
std::string describe_refusal(int status, std::optional<Duration> retry_after);

/// Text from outside, made fit for one line of log: at most `longest` bytes, no control characters.
std::string printable(std::string_view text, std::size_t longest = 80);

}  // namespace kurs
