#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

/// A value or frame that was not believed. It is counted; the feed lives.
struct Refusal {
    errc reason{};
    std::string what;  ///< a few words for the log, such as "BTCUSDT"; never a whole frame
};

/// Why a session wants its connection replaced.
struct Farewell {
    std::string reason;         ///< for the log: "serverShutdown", "disconnect: unauthorized"
    bool is_permanent = false;  ///< retrying soon is useless, as for a wrong key
};

/// A symbol's listing as the venue states it now.
struct Listing {
    SymbolId symbol{};
    bool is_trading = false;
    std::string status;  ///< in the venue's words: "BREAK", "absent"
};

/// What a session makes of one frame or one answer.
struct Outcome {
    std::vector<Tick> ticks;
    std::vector<std::string> replies;  ///< frames to send, in this order
    std::vector<Refusal> refusals;
    std::vector<Listing> listings;
    std::optional<Farewell> farewell;
    std::string note;  ///< a fact worth an info line, or empty
};

/// An outcome that is one refusal and nothing else. `what` is cut to 40 characters.
Outcome refused(errc reason, std::string_view what);

}  // namespace kurs
