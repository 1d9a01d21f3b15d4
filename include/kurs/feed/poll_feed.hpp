#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "kurs/domain/endpoint.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/feed/feed_state.hpp"
#include "kurs/feed/tls_trust.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/venue/poll_session.hpp"

namespace kurs {

namespace net = boost::asio;

struct PollLimits {
    ConnectLimits connect;
    Duration answer{10'000};  ///< from the request to the answer's last byte
    Duration check_every{
        100};  ///< how soon a standby that becomes needed is polled; also the least gap of two polls
    std::uint32_t header_max = 16u << 10;
    std::uint64_t body_max = 8u << 20;
};

/// What a poll feed is made of. The references must outlive the coroutine.
struct PollFeed {
    std::string name;  ///< in logs: "coingecko"
    Endpoint endpoint;
    PollSession& session;
    const Clock& clock;
    const TlsTrust& trust;
    FeedEvents events;
    std::function<bool()> is_needed;  ///< are its values wanted now, not only as a standby?
    PollLimits limits{};
    std::string user_agent = "kurs";
};

/// Asks the venue whenever its session says so, until it is cancelled. One connection a request; redirects
/// are not followed. Its states: waiting or connecting until the first answer, live after a good one,
/// backing_off after a failure. Runs on one loop.
net::awaitable<void> run_poll_feed(PollFeed feed);

}  // namespace kurs
