#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/feed/feed_events.hpp"
#include "kurs/feed/reconnect_policy.hpp"
#include "kurs/feed/replacement_pace.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/runtime/tls_trust.hpp"
#include "kurs/venue/stream_session.hpp"

namespace kurs {

namespace net = boost::asio;

struct StreamLimits {
    ConnectLimits connect;
    ReconnectLimits reconnect;
    ReplacementLimits replacement;
    Duration first_data{5'000};         ///< from the upgrade to the first value of a symbol
    Duration idle{45'000};              ///< without any frame, pings included
    Duration stall{1'000};              ///< the longest pause of the event loop
    Duration watch_every{200};          ///< period of the watchdogs; far shorter than `stall`
    Duration rotate_after{82'800'000};  ///< 23 h: before the venue closes a connection
    Duration rotate_spread{
        3'600'000};  ///< random reduction of `rotate_after`, so that replicas do not rotate together
    Duration spare_wait{300'000};  ///< the longest that a planned replacement waits for another connection
    Duration silent_wait{10'000};  ///< likewise if some symbols are silent
    std::size_t message_max = 2u << 20;
    std::size_t sends_per_second = 4;
    std::size_t unsent_max = 64;  ///< queued replies; one more ends the connection
};

/// The parts of a stream feed. The references must outlive the coroutine.
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
    std::uint64_t seed = 1;  ///< for the jitter of waits; differs between replicas
    std::optional<Proxy> proxy = {};
    std::size_t first_address = 0;  ///< which of a host's addresses is tried first, so that two feeds differ

    /// Whether another connection delivers, so that this one can be replaced without haste. Unset: always.
    std::function<bool()> is_spare = {};
};

/// Keeps one connection to the venue until it is cancelled: connects, listens, watches for silence,
/// reconnects. Runs on one loop.
net::awaitable<void> run_stream_feed(StreamFeed feed);

}  // namespace kurs
