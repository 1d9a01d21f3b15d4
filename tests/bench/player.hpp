#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kurs/app/recording.hpp"
#include "kurs/app/venues.hpp"
#include "kurs/board/board.hpp"
#include "kurs/boardlog/local_board_log.hpp"
#include "kurs/domain/failover_history.hpp"
#include "kurs/ingest/intake.hpp"
#include "kurs/tape/tape.hpp"

namespace kurs::bench {

/// A recording (docs/operating.md) in memory.
struct Recording {
    std::shared_ptr<const RecordedConfiguration> configuration;
    std::vector<tape::Record> records;  ///< those after the configuration
    TimePoint measured_from{};          ///< what is before fills the board
};

/// Throws if the file cannot be read.
Recording read_recording(const std::string& path);

/// What a frame or response took.
struct Spent {
    std::chrono::nanoseconds session{};  ///< from its bytes to ticks
    std::chrono::nanoseconds ingest{};   ///< from ticks to a board change
    std::chrono::nanoseconds board{};    ///< the board log and the served board

    std::chrono::nanoseconds all() const { return session + ingest + board; }
};

/// Takes the frames of a recording again, as a standalone process did: session, ingest, board log, board. A
/// replay (kurs/ingest/replay.hpp) also compares its changes with those that were recorded, which is not what
/// is measured here.
class Player {
public:
    explicit Player(const Recording& recording);
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    /// Measures frames from `measured_from` on. False: it measures nothing, and counts the frames only.
    void play(bool is_timed);

    /// Of each venue's frames, in their order.
    const std::map<std::string, std::vector<Spent>>& spent() const { return spent_; }

    TimePoint now() const { return now_; }
    const MarketMap& map() const { return map_; }
    Board& board() { return board_; }
    const FailoverHistory& failovers() const { return failovers_; }

private:
    struct Feed {
        IntakeSource source;
        StreamVenue* stream = nullptr;  ///< null: a poll
        PollSession* poll = nullptr;
        std::unique_ptr<StreamSession> session;
    };

    void take(const tape::Record& record);
    void take_measured(const tape::Record& record);
    void take_frame(const tape::Record& record, Spent& spent);
    Outcome read(Feed& feed, const tape::Record& record) const;
    void begin(const tape::Record& record);
    void define(const tape::Record& record);
    void append(BoardChange change, TimePoint at);
    std::chrono::nanoseconds clock() const;

    const Recording& recording_;
    const MarketMap& map_;
    Venues venues_;
    std::vector<VenueFeeds> plans_;
    Clock clock_;
    Board board_;
    FailoverHistory failovers_;
    LocalBoardLog log_;
    RefusalLog refusal_log_;
    std::optional<Intake> intake_;
    std::map<std::size_t, Feed> feeds_;  ///< by number
    std::map<std::string, std::vector<Spent>> spent_;
    std::chrono::nanoseconds appending_{};  ///< of the current frame
    bool is_timed_ = false;
    TimePoint now_{};
};

}  // namespace kurs::bench
