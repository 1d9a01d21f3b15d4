#pragma once

#include <array>
#include <optional>
#include <string>

#include "model_store.hpp"

namespace kurs::model {

inline constexpr Duration slot{500};

/// The market of the model: one venue, two directions.
const MarketMap& market();

/// The values of the directions; zero: none.
using Content = std::array<std::uint64_t, 2>;

Content content_of(const Board& board);

/// How a replica reaches the store.
enum class Link : std::uint8_t {
    open,
    refusing,         ///< every request fails at once
    losing_requests,  ///< requests fail after a second, and are carried out later or never
    losing_answers,   ///< requests are carried out at once, and fail after a second
    no_entries,       ///< only what is published fails, as when Redis is out of memory
};
inline constexpr std::array link_names{"open", "refusing", "losing requests", "losing answers",
                                       "without entries"};

inline constexpr std::array request_names{"lease", "read", "publish"};
inline constexpr std::size_t publish_index = 2;

/// A request in progress.
struct Pending {
    LogAction action;
    int sent_at = 0;                              ///< in slots
    TimePoint asked_at{};                         ///< by the clock of the replica
    std::optional<StoredSnapshot> snapshot = {};  ///< of LoadBoard, which then reads the entries
    std::optional<LogEvent> answer = {};          ///< carried out, but unknown to the replica
    bool is_held = false;                         ///< delayed until it is released or fails

    bool has_expired(int tick) const;
    void add_to(StateDigest& digest) const;
};

/// A process, its connection and its clock.
struct Process {
    explicit Process(const Rules& rules);

    ReplicaState state;
    Board served;
    bool is_up = true;
    bool is_frozen = false;
    bool is_due = true;          ///< a slot began, and its timer has not fired
    bool answers_first = false;  ///< after a freeze, before its slot
    Link link = Link::open;
    Duration offset{};                                    ///< of its clock
    std::array<std::optional<Pending>, 3> requests = {};  ///< by log_event::Request

    bool can_execute(const Pending& request, const ModelStore& store, int tick) const;
    bool can_answer(const Pending& request) const;
    bool has_step(const ModelStore& store, int tick) const;
    StateDigest digest() const;
};

std::size_t request_of(const LogAction& action);

}  // namespace kurs::model
