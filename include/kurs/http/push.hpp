#pragma once

#include <chrono>
#include <cstdint>

#include "kurs/domain/time.hpp"

namespace kurs::http {

/// Bounds of those who are told of changes on a connection that stays open.
struct PushLimits {
    std::size_t subscribers = 10'000;
    std::size_t topics = 1'024;  ///< different queries among theirs
    Duration round_every{50};    ///< at most so often everybody is told what is new
    int rest_ratio = 2;          ///< for so many times as long as a round took, others have the loop
    std::chrono::microseconds slice{500};  ///< of a round, after which others have their turn
    Duration heartbeat_after{10'000};      ///< of silence
    Duration write_limit{10'000};          ///< within which a client must have taken a message
    Duration ahead_limit{1'000};  ///< a client that knows a version to come is not told anything for so long
    Duration topic_kept{60'000};  ///< after its last subscriber has left: he may come back
};

/// What became of subscriptions.
struct PushCounts {
    std::size_t event_streams = 0;  ///< open now
    std::size_t web_sockets = 0;    ///< open now
    std::uint64_t messages = 0;     ///< sent so far, heartbeats included
    std::uint64_t cut = 0;          ///< ended since the client did not take a message
    std::uint64_t refused = 0;      ///< as there were too many
};

}  // namespace kurs::http
