#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kurs/api/outcome.hpp"
#include "kurs/board/board.hpp"

namespace kurs::api {

/// What one subscriber is told at once. Shared by all that are told the same.
class PushMessage {
public:
    /// `members` are those of the JSON document besides its first. `id_line`: empty, or as topic.cpp has it.
    PushMessage(std::string_view event, std::string_view id_line, std::string_view members);

    std::string_view event_stream() const { return text_; }  ///< as an event of Server-Sent Events
    std::string_view document() const;                       ///< its JSON alone, as WebSocket sends it

private:
    std::string text_;
    std::size_t document_at_;
};

/// How much a subscriber knows.
struct PushPosition {
    std::uint64_t news = 0;     ///< all of a topic's news up to this one
    std::uint64_t version = 0;  ///< of the board by then

    friend auto operator<=>(const PushPosition&, const PushPosition&) = default;
};

/// What those are told who subscribe with the same query. It holds no queue: of each direction it knows when
/// it changed last, so whoever comes late is told what is so by now, once.
class Topic {
public:
    using Message = std::shared_ptr<const PushMessage>;

    /// Whether a version means the same to all copies.
    using VersionCheck = std::function<bool(std::uint64_t)>;

    /// `board` must outlive the topic.
    Topic(const Board& board, CoursesQuery query, TimePoint now, VersionCheck is_shared = {});

    /// The position of a client that knows everything up to this version of the board; nothing if it is not
    /// known here: too old, still to come, or another replica's.
    std::optional<PushPosition> find(std::uint64_t version, TimePoint now);

    /// Whether another replica, which is a little ahead, may have told of this version already.
    bool is_to_come(std::uint64_t version) const;

    // Each message brings its receiver to `newest`, as of the same call.

    PushPosition newest() const { return {news_, board_.version()}; }

    /// Everything.
    Message snapshot(TimePoint now);

    /// What is new to somebody who stands there; null: nothing.
    Message news_since(PushPosition position, TimePoint now);

    /// That all is as it was.
    Message heartbeat(TimePoint now);

    /// Nobody needs what is kept for others who stand in the same place.
    void forget_messages() { kept_.clear(); }

private:
    enum class State : std::uint8_t { unavailable, stale, fresh };

    /// A direction as it was last looked at.
    struct Seen {
        DirectionId direction{};
        std::optional<Quote> quote;
        State state = State::unavailable;
        std::uint64_t news = 0;           ///< with which it changed last
        std::uint64_t quote_version = 0;  ///< of the board, when its quote changed last
    };

    /// Messages that were made for one are for whoever stands there: so much is known of a place.
    struct Place {
        std::uint64_t news;
        bool has_id;

        friend auto operator<=>(const Place&, const Place&) = default;
    };

    bool is_shared(std::uint64_t version) const { return !is_shared_ || is_shared_(version); }
    void follow(TimePoint now);
    void begin_knowing();
    bool look_at(Seen& seen, std::uint64_t news, TimePoint now);
    State judge(const Quote* quote, TimePoint now);
    Message render_news_since(const Place& place, TimePoint now) const;
    Message render(std::string_view event, const CoursesQuery& query, bool has_id, TimePoint now) const;

    const Board& board_;
    CoursesQuery query_;
    VersionCheck is_shared_;
    std::vector<Seen> seen_;
    std::optional<VenueId> venue_;     ///< whose courses they are
    std::uint64_t news_ = 0;           ///< grows whenever anything is new
    std::uint64_t venue_news_ = 0;     ///< since when they are that venue's
    std::uint64_t venue_version_ = 0;  ///< of the board, when that changed last
    std::uint64_t known_since_ = 0;    ///< the board's version from which on changes are known; 0: none yet
    std::uint64_t revision_ = 0;       ///< of the board, when it was last looked at
    TimePoint next_change_{};          ///< when something may change by time alone
    std::map<Place, Message> kept_;    ///< of this revision
    TimePoint kept_since_{};
};

/// What one client knows of a topic, and what it is told next.
class TopicReader {
public:
    /// `known_version`: what the client knew before it came, if anything. The topic must outlive the reader.
    TopicReader(Topic& topic, std::optional<std::uint64_t> known_version)
        : topic_(topic), known_version_(known_version) {}

    /// Null: there is nothing to tell. While it `may_wait`, a client that knows a version to come is not sent
    /// back by a snapshot.
    Topic::Message next(TimePoint now, bool may_wait);

    Topic::Message heartbeat(TimePoint now) { return topic_.heartbeat(now); }

private:
    Topic& topic_;
    std::optional<std::uint64_t> known_version_;
    std::optional<PushPosition> position_;  ///< once it was told something
};

}  // namespace kurs::api
