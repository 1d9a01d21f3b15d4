#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/metrics/process.hpp"

// Values read when the page is requested. Names come from the market map, so they are few.
namespace kurs::metrics {

/// One of a few names; empty if none is chosen yet.
struct Choice {
    std::string_view chosen;
    std::span<const std::string_view> of;  ///< must outlive the page
};

struct QuoteReading {
    std::string venue;
    std::string direction;
    std::optional<Duration> age;  ///< none: there is no quote
    bool is_fresh = false;
    bool is_disputed = false;
};

/// A direction as the active venue serves it.
struct DirectionReading {
    std::string direction;
    std::optional<Duration> age;
    bool is_fresh = false;
};

struct ExchangerReading {
    std::string venue;
    bool is_active = false;
};

struct FeedReading {
    std::string venue;
    std::string feed;
    Choice state;
    std::optional<TimePoint> last_tick_at;
};

/// One replica among several.
struct ReplicaReading {
    Choice role;
    std::uint64_t epoch = 0;            ///< of the newest known leader
    std::optional<Duration> board_age;  ///< none: nothing is served yet
    std::size_t replicas = 1;
    std::uint64_t entries = 0;       ///< of the board log, that it has received
    std::uint64_t late_entries = 0;  ///< of them, after they should have been served
};

struct ArchiveReading {
    bool is_writing = false;
    std::size_t waiting_rows = 0;
    std::size_t written_rows = 0;
    std::size_t lost_rows = 0;
    Duration lag{};
};

struct UpstreamReading {
    std::string venue;
    std::optional<std::int64_t> credits;  ///< unspent; none if the plan does not count credits
    bool is_resting = false;              ///< the venue rate-limits this service
};

struct PushReading {
    std::size_t event_streams = 0;
    std::size_t web_sockets = 0;
    std::uint64_t messages = 0;
    std::uint64_t cut = 0;
    std::uint64_t refused = 0;
};

struct Readings {
    std::string version;
    std::vector<ExchangerReading> exchangers;
    std::vector<DirectionReading> directions;
    std::vector<QuoteReading> quotes;
    std::vector<FeedReading> feeds;  ///< only on a replica that listens
    std::optional<ReplicaReading> replica;
    std::optional<ArchiveReading> archive;
    std::vector<UpstreamReading> upstreams;
    std::size_t connections = 0;
    std::optional<PushReading> push;
    ProcessReading process;
};

}  // namespace kurs::metrics
