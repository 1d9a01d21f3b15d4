#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "kurs/alerts/alert.hpp"

namespace kurs::alerts {

struct DeskLimits {
    Duration after{10'000};    ///< how long a trouble must last, or be over, before it is sent
    std::size_t alerts = 64;   ///< of which items of exports take at most half
    Duration attempt{35'000};  ///< most that an attempt takes, connecting included
};

/// A message that is due. `alert` is a copy, because the desk may change while the message is sent.
struct Message {
    std::string id;  ///< the same for each attempt; the receiver can ignore repeated ones
    Alert alert;
    unsigned attempt = 1;
};

/// Decides which messages are sent, and when. Pure: time is an argument.
///
/// Only the replica that writes the board sends. It publishes its state once a second, and the others adopt
/// it. A trouble gets its id when it is first observed, before any message is sent, so the next writer uses
/// the same one.
class Desk {
public:
    /// `new_id` returns a text without a dot that nobody else uses.
    Desk(DeskLimits limits, std::function<std::string()> new_id);

    /// The troubles of this moment. Called several times a second.
    void observe(const std::vector<Trouble>& troubles, TimePoint now);

    /// Adds an event that has no duration. A second event with the same id is ignored.
    void add(Alert event, TimePoint now);

    /// The message that is due, of which the attempt begins with this call.
    std::optional<Message> begin_next(TimePoint now);

    // The end of the attempt.
    void note_delivered(const std::string& message_id, TimePoint now);

    /// Returns when the next attempt is due; none: it was the last one. `asked`: the wait that the receiver
    /// asks for.
    std::optional<Duration> note_failed(const std::string& message_id, TimePoint now,
                                        std::optional<Duration> asked = {});

    /// How many troubles found no place since the last call.
    std::size_t take_dropped() { return std::exchange(dropped_, 0); }

    // The state, for the other replicas. Malformed text is ignored.
    std::string to_text() const;
    /// `is_sender`: this replica sends, so it keeps the alerts whose beginning it has sent.
    void adopt(std::string_view text, TimePoint now, bool is_sender = false);

private:
    /// One message about an alert.
    struct Telling {
        enum class State : std::uint8_t { not_due, waiting, done };

        State state = State::not_due;
        unsigned attempts = 0;
        TimePoint next_at{};
    };

    struct Entry {
        Alert alert;
        std::optional<TimePoint> over_since{};  ///< the trouble is not there, but may come back
        Telling begun{};
        Telling ended{};
        std::optional<TimePoint> closed_at{};  ///< no message is left to send
    };

    bool has_room_for(Kind kind) const;
    static bool outlives(const Entry& own, TimePoint now, bool is_sender);
    static bool is_of_same_trouble(const Entry& one, const Entry& other);
    static std::tuple<bool, Telling::State, unsigned, Telling::State, unsigned> progress_of(
        const Entry& entry);
    std::optional<std::vector<Entry>> parse(std::string_view text, TimePoint now) const;
    Telling* find(const std::string& message_id);
    void settle(Entry& entry, TimePoint now) const;
    void forget(TimePoint now);

    DeskLimits limits_;
    std::function<std::string()> new_id_;
    std::vector<Entry> entries_;  ///< in the order of their beginning
    std::size_t dropped_ = 0;
};

}  // namespace kurs::alerts
