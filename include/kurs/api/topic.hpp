#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kurs/api/outcome.hpp"
#include "kurs/board/board.hpp"

namespace kurs::api {

/// A rendered push message. Subscribers that receive the same message share it.
class PushMessage {
public:
    /// `members` are the JSON members after the first. `id_line` is empty or the event's id line.
    PushMessage(std::string_view event, std::string_view id_line, std::string_view members);

    std::string_view event_stream() const { return text_; }  ///< a Server-Sent Event
    std::string_view document() const;                       ///< the JSON alone, for WebSocket

private:
    std::string text_;
    std::size_t document_at_;
};

/// How far a subscriber has read.
struct PushPosition {
    std::uint64_t news = 0;     ///< number of the last change received
    std::uint64_t version = 0;  ///< board version at that change

    friend auto operator<=>(const PushPosition&, const PushPosition&) = default;
};

/// The subscribers with the same query. A topic keeps no queue: it stores when each direction last changed,
/// so each client receives the latest state once, whatever it has already seen.
class Topic {
public:
    using Message = std::shared_ptr<const PushMessage>;

    /// Whether a version identifies the same board on all replicas.
    using VersionCheck = std::function<bool(std::uint64_t)>;

    /// `board` must outlive the topic.
    Topic(const Board& board, CoursesQuery query, TimePoint now, VersionCheck is_shared = {});

    /// The position of a client that has everything up to this board version. Empty if the version is unknown
    /// here: too old, in the future, or another replica's.
    std::optional<PushPosition> find(std::uint64_t version, TimePoint now);

    /// Whether another replica that is slightly ahead may already have sent this version.
    bool is_to_come(std::uint64_t version) const;

    // Each message moves its receiver to `newest`, as of the same call.

    PushPosition newest() const { return {news_, board_.version()}; }

    /// The snapshot.
    Message snapshot(TimePoint now);

    /// The changes since this position; null if there are none.
    Message news_since(PushPosition position, TimePoint now);

    /// A heartbeat.
    Message heartbeat(TimePoint now);

    /// Drops the cached messages once no other subscriber needs them.
    void forget_messages() { kept_.clear(); }

private:
    /// Whether a quote is disputed is a part of it.
    enum class State : std::uint8_t { unavailable, stale, current };

    /// A direction at the last evaluation.
    struct Seen {
        DirectionId direction{};
        std::optional<Quote> quote;
        State state = State::unavailable;
        std::uint64_t news = 0;           ///< change number of the last change
        std::uint64_t quote_version = 0;  ///< board version of the quote's last change
    };

    /// The key of a cached message: what all subscribers at the same position have in common.
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
    std::optional<VenueId> venue_;     ///< the venue whose courses are sent
    std::uint64_t news_ = 0;           ///< number of the last change
    std::uint64_t venue_news_ = 0;     ///< change number at which this venue was selected
    std::uint64_t venue_version_ = 0;  ///< board version at which the selected venue last changed
    std::uint64_t known_since_ = 0;    ///< board version from which changes are known; 0: none yet
    std::uint64_t revision_ = 0;       ///< board revision at the last evaluation
    TimePoint next_change_{};          ///< when something may change by time alone
    std::map<Place, Message> kept_;    ///< messages of this revision
    TimePoint kept_since_{};
};

/// One client's reading position in a topic, and its next message.
class TopicReader {
public:
    /// `known_version`: the version that the client had when it connected, if any. The topic must outlive the
    /// reader.
    TopicReader(Topic& topic, std::optional<std::uint64_t> known_version)
        : topic_(topic), known_version_(known_version) {}

    /// Null: nothing to send. While `may_wait` is set, a client that knows a future version is not reset by a
    /// snapshot.
    Topic::Message next(TimePoint now, bool may_wait);

    Topic::Message heartbeat(TimePoint now) { return topic_.heartbeat(now); }

private:
    Topic& topic_;
    std::optional<std::uint64_t> known_version_;
    std::optional<PushPosition> position_;  ///< empty until the first message
};

}  // namespace kurs::api
