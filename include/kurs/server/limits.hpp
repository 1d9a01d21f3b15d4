#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "kurs/domain/time.hpp"

namespace kurs::server {

/// Returns the present. Everything that is served from this moment on has been delivered by then.
using Present = std::function<TimePoint()>;

/// Limits of push subscriptions.
struct PushLimits {
    std::size_t subscribers = 10'000;
    std::size_t topics = 1'024;  ///< different queries among the subscriptions
    Duration round_every{50};    ///< minimum interval between rounds
    int rest_ratio = 2;  ///< after each round the loop is left idle for this multiple of the round's duration
    std::chrono::microseconds slice{500};  ///< a round pauses after each slice, so that requests are served
    Duration heartbeat_after{10'000};      ///< silence before a heartbeat is sent
    Duration write_limit{10'000};          ///< time in which a client must accept a message
    Duration ahead_limit{1'000};           ///< how long a client that knows a future version waits for it
    Duration topic_kept{
        60'000};  ///< how long a topic is kept after its last subscriber has left, in case it reconnects
};

struct ServerLimits {
    std::size_t connections = 4096;  ///< not counting subscribers
    std::size_t header_bytes = 8 * 1024;
    std::size_t target_bytes = 4 * 1024;
    std::size_t body_bytes = 16 * 1024;
    Duration idle_limit{60'000};     ///< between two requests on a connection
    Duration request_limit{10'000};  ///< from the first byte of a request to its last
    Duration write_limit{10'000};
    Duration linger_limit{2'000};  ///< from our last byte to the client's end of stream
    Duration stop_grace{
        500};  ///< time in which an idle connection may send one more request when the server stops
    Duration stop_request_limit{1'500};  ///< from the stop to the last byte of a request
    Duration stop_write_limit{5'000};    ///< from the stop to the last byte of a response
    Duration stop_linger_limit{200};     ///< replaces linger_limit during the stop
    PushLimits push = {};
    Duration accept_pause{
        100};  ///< after the system refused to accept, for example because no file descriptors are left
};

/// Counters of push subscriptions.
struct PushCounts {
    std::size_t event_streams = 0;  ///< open now
    std::size_t web_sockets = 0;    ///< open now
    std::uint64_t messages = 0;     ///< sent so far, heartbeats included
    std::uint64_t cut = 0;          ///< disconnected because the client did not accept a message
    std::uint64_t refused = 0;      ///< because a limit was reached
};

}  // namespace kurs::server
