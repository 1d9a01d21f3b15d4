#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/metrics/process.hpp"

// What is read when the page is asked for. Names are those of the market map, so there are few.
namespace kurs::metrics {

/// One of a few names; none where nothing is chosen yet.
struct Choice {
    std::string_view chosen;
    std::span<const std::string_view> of;  ///< outlives the page
};

struct QuoteReading {
    std::string venue;
    std::string direction;
    std::optional<Duration> age;  ///< none: there is no quote
    bool is_fresh = false;
};

/// A direction as the active venue serves it.
struct CourseReading {
    std::string direction;
    std::optional<Duration> age;
    bool is_fresh = false;
};

struct ExchangerReading {
    std::string venue;
    bool is_active = false;
};

struct LineReading {
    std::string venue;
    std::string line;
    Choice state;
    std::optional<TimePoint> last_tick_at;
};

/// One copy among several.
struct CopyReading {
    Choice role;
    std::uint64_t epoch = 0;           ///< of the newest leader that is known
    std::optional<Duration> view_age;  ///< none: nothing is served yet
    std::size_t copies = 1;
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
    std::optional<std::int64_t> credits;  ///< saved up; none where the plan counts none
    bool is_resting = false;              ///< the venue asked to be left alone
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
    std::vector<CourseReading> courses;
    std::vector<QuoteReading> quotes;
    std::vector<LineReading> lines;  ///< of a copy that listens
    std::optional<CopyReading> copy;
    std::optional<ArchiveReading> archive;
    std::vector<UpstreamReading> upstreams;
    std::size_t connections = 0;
    std::optional<PushReading> push;
    ProcessReading process;
};

}  // namespace kurs::metrics
