#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs::binance {

/// What a depth event says about one side of the book.
struct SideChange {
    std::optional<Rate> best;   ///< the best changed level that has an offer
    std::vector<Rate> removed;  ///< the changed levels that have none
};

/// The levels that changed with the updates `first_id` to `final_id`, as they were at `at`.
struct DepthEvent {
    std::uint64_t first_id = 0;
    std::uint64_t final_id = 0;
    TimePoint at{};
    SideChange bids;
    SideChange asks;
};

/// The best bid and ask of a symbol on one connection, the time at which they were true, and whether the
/// connection still confirms them.
///
/// `bookTicker` is sent only when the book changes, and has no time. The diff. depth stream has the venue's
/// time and the same update ids, once a second if any level changed. A book that an event does not include is
/// younger than the event. A book that it includes is true at the event's time unless the changed levels
/// contradict it. Dates that rest on a depth event are never later than the time at which the book was true.
///
/// The symbol's 1 Hz `miniTicker` bridges the time without depth events. Every trade moves the book, so a new
/// last price without a book frame since the previous miniTicker means that the book is stale. Until the
/// first depth event of the connection, the miniTicker also dates the books.
class Book {
public:
    /// The maximum by which a book's date may exceed the time at which it was true before the first depth
    /// event. Until the next event time the connection is assumed to be as late as at the last one, but its
    /// delay may have grown.
    static constexpr Duration dating_error_limit = std::chrono::seconds(1);

    /// The period of the depth stream: a change is reported no later than this.
    static constexpr Duration depth_every = std::chrono::seconds(1);

    /// A bookTicker that is further behind the depth stream than these events is not believed. Four events
    /// take almost all of the default age limit.
    static constexpr std::size_t kept_events = 4;

    explicit Book(SymbolId symbol) : symbol_(symbol) {}

    /// Whether `update_id` is larger than that of every book of this connection.
    bool is_newer(std::uint64_t update_id) const { return update_id > newest_id_; }

    /// Takes a newer book. Returns no tick until the first event time, or if the book is older than the kept
    /// depth events.
    std::optional<Tick> update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint received_at);

    /// Called when the venue sends an invalid book (empty, one-sided, crossed, malformed) or an invalid depth
    /// event: the previous book is no longer confirmed.
    void retract(std::uint64_t update_id = 0);

    /// Takes a miniTicker frame. Returns the held book again with a later date, unless there is none or it is
    /// stale.
    std::optional<Tick> confirm(Rate last_price, TimePoint event_at, TimePoint received_at);

    /// Whether `final_id` is larger than that of every depth event of this connection.
    bool is_newer_event(std::uint64_t final_id) const {
        return events_.empty() || final_id > events_.back().final_id;
    }

    /// Takes a newer depth event. Returns the held book again if it was true at the event's time or later. If
    /// the event contradicts it, or updates are missing between the two, only a newer book is confirmed.
    std::optional<Tick> follow(DepthEvent event, TimePoint received_at);

private:
    struct Event {
        TimePoint at{};
        TimePoint received_at{};
    };

    /// A time at which the book `update_id` was true or had not yet begun.
    std::optional<TimePoint> date(std::uint64_t update_id, TimePoint received_at) const;

    /// The time up to which a depth stream without news proves that nothing changed.
    TimePoint unchanged_until() const;

    void date_held(TimePoint at);
    void check_held(const DepthEvent& event);

    SymbolId symbol_;
    std::optional<Tick> held_;
    std::uint64_t newest_id_ = 0;
    std::uint64_t checked_id_ = 0;  ///< the held book's prices were true up to this update
    std::deque<DepthEvent> events_;
    Duration depth_lag_{};              ///< of the newest depth event behind the miniTicker
    std::optional<Event> last_ticker_;  ///< the newest miniTicker
    std::optional<Rate> last_price_;
    bool moved_since_confirmation_ = false;
    bool is_doubted_ = false;  ///< by a trade that the book has not followed
};

}  // namespace kurs::binance
