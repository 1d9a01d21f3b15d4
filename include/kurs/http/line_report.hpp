#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kurs/domain/market_map.hpp"

namespace kurs::http {

/// How it stands with one feed to a venue.
struct LineReport {
    std::string name;  ///< as in the log: "binance", "coingecko stream"
    VenueId venue{};
    std::string state;  ///< of FeedState: "connecting", "live", ...
    std::string reason;
    TimePoint since{};                      ///< when it came to be so
    std::optional<TimePoint> last_tick_at;  ///< when a value was last read
    std::uint64_t reconnects = 0;           ///< how often it had to connect anew after it had delivered
};

}  // namespace kurs::http
