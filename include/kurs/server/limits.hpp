#pragma once

#include <chrono>
#include <cstdint>

#include "kurs/domain/time.hpp"

namespace kurs::server {

/// Bounds of those who are told of changes on a connection that stays open.
struct PushLimits {
    std::size_t subscribers = 10'000;
    std::size_t topics = 1'024;  ///< different queries among theirs
    Duration round_every{50};    ///< at most so often everybody is told what is new
    int rest_ratio = 2;  ///< after each round, the loop is left idle for this multiple of its duration
    std::chrono::microseconds slice{500};  ///< of a round, after which others have their turn
    Duration heartbeat_after{10'000};      ///< of silence
    Duration write_limit{10'000};          ///< within which a client must have taken a message
    Duration ahead_limit{1'000};  ///< for which a client that knows a version to come is told nothing
    Duration topic_kept{60'000};  ///< after its last subscriber has left: he may come back
};

struct ServerLimits {
    std::size_t connections = 4096;  ///< besides those of subscribers
    std::size_t header_bytes = 8 * 1024;
    std::size_t target_bytes = 4 * 1024;
    std::size_t body_bytes = 16 * 1024;
    Duration idle_limit{60'000};     ///< between two requests of a connection
    Duration request_limit{10'000};  ///< from a request's first byte to its last
    Duration write_limit{10'000};
    Duration linger_limit{2'000};  ///< from our last byte to the client's end of stream
    Duration stop_grace{500};      ///< in which an idle connection may still ask once when the server stops
    Duration stop_request_limit{1'500};  ///< from the stop to the last byte of a request
    Duration stop_write_limit{5'000};    ///< from the stop to the last byte of an answer
    Duration stop_linger_limit{200};     ///< instead of linger_limit
    PushLimits push = {};
    Duration accept_pause{100};  ///< after the system refused a connection, as when descriptors run out
};

/// What became of subscriptions.
struct PushCounts {
    std::size_t event_streams = 0;  ///< open now
    std::size_t web_sockets = 0;    ///< open now
    std::uint64_t messages = 0;     ///< sent so far, heartbeats included
    std::uint64_t cut = 0;          ///< ended since the client did not take a message
    std::uint64_t refused = 0;      ///< as there were too many
};

}  // namespace kurs::server
