#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/feed/feed_state.hpp"
#include "kurs/feed/reconnect_policy.hpp"
#include "kurs/feed/replacement_pace.hpp"
#include "kurs/feed/tls_trust.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs {

namespace net = boost::asio;

struct StreamLimits {
    ConnectLimits connect;
    ReconnectLimits reconnect;
    ReplacementLimits replacement;
    Duration first_data{5'000};         ///< from the upgrade to the first value of a symbol
    Duration idle{45'000};              ///< no frame of any kind, pings included
    Duration stall{1'000};              ///< the loop stood still for longer
    Duration watch_every{200};          ///< the watchdogs' period; far shorter than `stall`
    Duration rotate_after{82'800'000};  ///< 23 h, since Binance cuts a connection at 24 h
    Duration rotate_spread{3'600'000};  ///< and up to so much earlier, so that copies do not rotate together
    std::size_t message_max = 2u << 20;
    std::size_t sends_per_second = 4;
    std::size_t unsent_max = 64;  ///< replies waiting for their turn; one more ends the line
};

/// What a stream feed is made of. The references must outlive the coroutine.
struct StreamFeed {
    std::string name;                 ///< in logs: "binance", "binance/1"
    std::vector<Endpoint> endpoints;  ///< at least one
    StreamVenue& venue;
    const MarketMap& map;
    const Clock& clock;
    const TlsTrust& trust;
    FeedEvents events;
    StreamLimits limits{};
    std::string user_agent = "kurs";
    std::uint64_t seed = 1;  ///< for the waits' jitter; different in each copy
};

/// Keeps one line to the venue: connects, listens, watches, reconnects, until it is cancelled. Runs on one
/// loop.
net::awaitable<void> run_stream_feed(StreamFeed feed);

}  // namespace kurs
