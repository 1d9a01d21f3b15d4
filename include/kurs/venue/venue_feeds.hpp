#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/venue/poll_session.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs {

struct StreamPlan {
    std::string name;                 ///< in logs and metrics: "coingecko stream"
    std::vector<Endpoint> endpoints;  ///< at least one; each serves the whole stream
    std::unique_ptr<StreamVenue> venue;
    Duration rotate_after = std::chrono::hours(23);  ///< a connection is replaced before the venue closes it
    std::size_t sends_per_second = 4;                ///< the venue closes a connection that sends more
    std::size_t message_max = 2u << 20;              ///< a larger message ends the connection
    std::size_t connections = 1;  ///< held at the same time, on different endpoints if there are enough
};

struct PollPlan {
    std::string name;
    Endpoint endpoint;
    std::unique_ptr<PollSession> session;
};

/// The feeds of one venue. Listings that any of them reports decide what the stream subscribes to.
struct VenueFeeds {
    VenueId venue{};  ///< its place in the market map
    std::optional<Proxy> proxy;
    std::optional<StreamPlan> stream;
    std::optional<PollPlan> listing;  ///< polled on its own schedule, for the symbols' trading status
    std::optional<PollPlan> poll;     ///< prices

    /// Whether `poll` replaces the stream while that is not live, and is polled more often while the venue's
    /// values are needed (`PollSession::next_poll`).
    bool is_standby = false;
};

}  // namespace kurs
