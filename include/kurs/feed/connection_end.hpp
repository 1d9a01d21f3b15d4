#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs {

enum class ConnectionEndCause {
    cancelled,        ///< the feed was stopped
    connect_failed,   ///< name lookup, connect, TLS or upgrade failed or timed out
    upgrade_refused,  ///< the venue rejected the upgrade with `status`
    closed_by_peer,   ///< close frame or lost connection
    protocol_error,   ///< malformed WebSocket frame
    oversized,        ///< message larger than the limit
    idle,             ///< no frame of any kind
    silent,           ///< frames arrive, but no symbol delivers data
    partly_silent,    ///< some symbols deliver data, others do not
    farewell,         ///< the session requested a replacement
    rotation_due,     ///< planned replacement before the venue closes the connection
    loop_stalled,     ///< the event loop stalled, so the age of buffered data is unknown
};

/// Why a connection ended or could not be opened.
struct ConnectionEnd {
    ConnectionEndCause cause = ConnectionEndCause::cancelled;
    std::string text;                     ///< for the log: no paths, no header values
    int status = 0;                       ///< of a refused upgrade
    std::optional<Duration> retry_after;  ///< requested by the venue with the rejection
    bool is_permanent = false;            ///< of a farewell
    bool is_untrusted = false;            ///< of a failed connect: the certificate is not trusted
    bool was_live = false;                ///< every symbol has delivered data
    Duration delivered_for{};             ///< from the first tick to the last
};

/// The log text of a rejected request: "rate-limited (429), retry after 7 s".
std::string describe_refusal(int status, std::optional<Duration> retry_after);

/// Makes external text safe for one log line: at most `longest` bytes, no control characters.
std::string printable(std::string_view text, std::size_t longest = 80);

}  // namespace kurs
