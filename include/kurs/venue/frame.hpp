#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// A refused value or frame. It is counted; the feed continues.
struct Refusal {
    errc reason{};
    std::string what;  ///< short text for the log, such as "BTCUSDT"; never the full frame
};

/// Why a session requests a new connection.
struct Farewell {
    std::string reason;         ///< for the log: "serverShutdown", "disconnect: unauthorized"
    bool is_permanent = false;  ///< an early retry is useless, as for a wrong key
    bool can_wait = false;  ///< the connection still delivers, and may be replaced when another one does too
};

/// The current listing of a symbol at the venue.
struct Listing {
    SymbolId symbol{};
    bool is_trading = false;
    std::string status;  ///< as the venue names it: "BREAK", "absent"
};

/// The result of one frame or response.
struct Outcome {
    std::vector<Tick> ticks;
    std::vector<std::string> replies;  ///< frames to send, in order
    std::vector<Refusal> refusals;
    std::vector<Listing> listings;
    std::optional<Farewell> farewell;
    std::string note;  ///< text to log at info level, or empty
};

/// An outcome with a single refusal. `what` is truncated to 40 characters.
Outcome refused(errc reason, std::string_view what);

}  // namespace kurs
