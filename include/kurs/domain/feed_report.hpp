#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kurs/domain/errc.hpp"
#include "kurs/domain/market_map.hpp"

namespace kurs {

enum class FeedState : std::uint8_t {
    waiting,      ///< a poll that is not due yet, because the venue was polled shortly before startup
    connecting,   ///< connecting, or connected while some symbols have not delivered data yet
    live,         ///< every symbol delivers data
    stale,        ///< connected, but some symbols are silent
    backing_off,  ///< not connected, waiting for the next attempt
};

/// The name used in logs, metrics and the API, such as "backing_off".
std::string_view to_string(FeedState state);
result<FeedState> parse_feed_state(std::string_view text);

/// The state of one feed.
struct FeedReport {
    std::string name;  ///< as in the log: "binance", "coingecko stream"
    VenueId venue{};
    FeedState state{};
    std::string reason;
    TimePoint since{};                      ///< time of the last change of state
    std::optional<TimePoint> last_tick_at;  ///< when the last tick was received
    std::uint64_t reconnects = 0;           ///< lost connections that had delivered data

    friend bool operator==(const FeedReport&, const FeedReport&) = default;
};

}  // namespace kurs
