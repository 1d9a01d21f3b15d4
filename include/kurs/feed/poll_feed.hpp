#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/feed/feed_events.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/runtime/tls_trust.hpp"
#include "kurs/venue/poll_session.hpp"

namespace kurs {

namespace net = boost::asio;

struct PollLimits {
    ConnectLimits connect;
    Duration answer{10'000};  ///< from the request to the last byte of the response
    Duration check_every{
        100};  ///< how soon a standby is polled once it is needed; also the minimum gap between polls
    std::uint32_t header_max = 16u << 10;
    std::uint64_t body_max = 8u << 20;
};

/// The parts of a poll feed. The references must outlive the coroutine.
struct PollFeed {
    std::string name;  ///< in logs: "coingecko"
    Endpoint endpoint;
    PollSession& session;
    const Clock& clock;
    const TlsTrust& trust;
    FeedEvents events;
    std::function<bool()> is_needed;  ///< whether its values are needed now, rather than as a standby
    PollLimits limits{};
    std::string user_agent = "kurs";
    std::optional<Proxy> proxy = {};
};

/// Polls the venue when the session's next request is due, until it is cancelled. Opens one connection for
/// each request and does not follow redirects. States: waiting or connecting until the first response, live
/// after a good response, backing_off after a failure. Runs on one loop.
net::awaitable<void> run_poll_feed(PollFeed feed);

}  // namespace kurs
