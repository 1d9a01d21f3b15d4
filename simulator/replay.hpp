#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "capture.hpp"

namespace sim {

struct ReplayProgress {
    std::size_t played = 0;
    std::size_t total = 0;
    bool is_done = false;
};

/// Plays captures in parallel at their own pace times `speed`, independently of clients.
class Replay {
public:
    /// A due frame, and the offset to add to its recorded update id.
    using Play = std::function<void(const CapturedFrame& frame, std::int64_t update_id_shift)>;

    Replay(std::vector<Capture> captures, double speed);

    bool is_empty() const { return tracks_.empty(); }
    bool has_started() const { return started_at_.has_value(); }
    /// Restarts from the first frame; update ids continue to grow past those of the previous run.
    void start(Instant now);
    void advance(Instant now, const Play& play);
    ReplayProgress progress() const;

    /// Symbols whose capture has ended.
    std::set<std::string> finished_symbols() const;
    /// Each symbol of the captures with its first book, if any.
    std::vector<std::pair<std::string, Book>> first_books() const;

private:
    struct Track {
        Capture capture;
        std::set<std::string> symbols;
        std::size_t next = 0;
        bool is_finished() const { return next == capture.frames.size(); }
    };

    std::vector<Track> tracks_;
    double speed_;
    std::optional<Instant> started_at_;
    std::int64_t runs_ = 0;
};

}  // namespace sim
