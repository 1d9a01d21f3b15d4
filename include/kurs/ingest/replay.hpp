#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "kurs/ingest/intake.hpp"
#include "kurs/tape/reader.hpp"

namespace kurs {

/// The dependencies of Replay. All must be set; the references must outlive it.
struct ReplayParts {
    const MarketMap& map;
    Duration failback_after{};
    std::vector<VenueFeeds> feeds;  ///< new ones, of the recorded settings
    std::function<void(const BoardChange& published, Duration delay)> on_begin;
    std::function<void(BoardChange, TimePoint)> append;
};

/// Does again what an ingest did, from its tape: the same sessions get the same frames at the same times.
/// Fails as soon as it makes another change than was recorded.
class Replay {
public:
    explicit Replay(ReplayParts parts);

    tape::Result<void> take(const tape::Record& record);

    std::size_t frames() const { return frames_; }    ///< and responses
    std::size_t changes() const { return changes_; }  ///< all as recorded

    /// What was refused, and the sources of the reference rates. None before the beginning.
    std::optional<PricingReport> report(TimePoint now) const;

private:
    /// A connection.
    struct Feed {
        IntakeSource source;
        StreamVenue* stream = nullptr;  ///< null: a poll
        PollSession* poll = nullptr;
        std::unique_ptr<StreamSession> session;
    };

    tape::Result<void> begin(const tape::Record& record);
    tape::Result<void> define(const tape::Record& record);
    tape::Result<void> compare(const tape::Record& record);
    tape::Result<void> take_time(const tape::Record& record);
    tape::Result<void> take_stream(const tape::Record& record);
    tape::Result<void> take_poll(const tape::Record& record);
    std::optional<Feed> find(const std::string& name, std::size_t number);

    ReplayParts parts_;
    RefusalLog refusal_log_;
    std::optional<Intake> intake_;
    std::map<std::size_t, Feed> feeds_;     ///< by number
    std::vector<std::string> unconfirmed_;  ///< fingerprints of changes whose records have not been read
    std::size_t frames_ = 0;
    std::size_t changes_ = 0;
};

}  // namespace kurs
