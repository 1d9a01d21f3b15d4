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

/// Plays captures side by side at their own pace times `speed`. Knows nothing of who listens.
class Replay {
public:
    /// A frame that is due, and how much larger than recorded its update id has to be.
    using Play = std::function<void(const CapturedFrame& frame, std::int64_t update_id_shift)>;

    Replay(std::vector<Capture> captures, double speed);

    bool is_empty() const { return tracks_.empty(); }
    bool has_started() const { return started_at_.has_value(); }
    /// From the first frame; update ids go on growing past those of the run before.
    void start(Instant now);
    void advance(Instant now, const Play& play);
    ReplayProgress progress() const;

    /// Symbols whose capture has been played to its end.
    std::set<std::string> finished_symbols() const;
    /// Each symbol of the captures with its first book, where it has one.
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
