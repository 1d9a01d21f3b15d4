#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/board/journal.hpp"

namespace kurs::api {

/// A file that travels in the binary: a page, a script, a style. Lives as long as the process.
struct Asset {
    std::string_view path;  ///< where it is served: "/", "/docs", "/assets/page.js"
    std::string_view content_type;
    std::string_view etag;  ///< with its quotation marks
    std::string_view body;
};

/// The state of one feed.
struct FeedReport {
    std::string name;  ///< as in the log: "binance", "coingecko stream"
    VenueId venue{};
    std::string state;  ///< of FeedState: "connecting", "live", ...
    std::string reason;
    TimePoint since{};                      ///< when it entered this state
    std::optional<TimePoint> last_tick_at;  ///< when a value was last read
    std::uint64_t reconnects = 0;           ///< how often it had to reconnect after it had delivered
};

/// Told of each request that names its exchanger.
using PinnedWatch = std::function<void(VenueId, TimePoint)>;

/// Where the API takes what it serves from. Everything referred to must outlive it.
struct Sources {
    const Board& board;
    const Journal& journal;
    std::function<std::vector<std::string>()> not_ready;  ///< why the process is not ready; nothing if it is
    std::function<std::vector<FeedReport>()> feeds;       ///< in the order in which they are shown
    PinnedWatch on_pinned;
    /// Brings the board to the present before it is read; without it, nothing is needed.
    std::function<void(TimePoint)> advance_board = {};
    /// Whether a version means the same to all replicas; without it, always.
    std::function<bool(std::uint64_t)> is_shared = {};
    /// What /metrics shows, in Prometheus' text format 0.0.4; without it, nothing is served there.
    std::function<std::string()> metrics = {};
    std::span<const Asset> assets = {};
    std::string_view version = {};  ///< of this program, as /openapi.json names it
};

}  // namespace kurs::api
