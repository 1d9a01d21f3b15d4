#pragma once

#include <optional>
#include <string>

#include "kurs/domain/tick.hpp"

namespace kurs::binance {

/// The best bid and ask of a symbol on one connection, the time at which they were true, and whether the
/// connection still confirms them.
///
/// `bookTicker` is sent only when the book changes, and has no time. The symbol's 1 Hz `miniTicker` has one,
/// so it dates the books and confirms an unchanged one. A dead book stream next to a live miniTicker must not
/// keep an old price alive: every trade moves the book, so a new last price without a book frame since the
/// previous miniTicker means that the book is stale.
class Book {
public:
    /// The maximum by which a book's date may exceed the time at which it was true. Until the next event time
    /// the connection is assumed to be as late as at the last one, but its delay may have grown.
    static constexpr Duration dating_error_limit = std::chrono::seconds(1);

    explicit Book(SymbolId symbol) : symbol_(symbol) {}

    /// Whether `update_id` is larger than that of every book of this connection.
    bool is_newer(std::uint64_t update_id) const { return update_id > newest_id_; }

    /// Takes a newer book. Returns no tick until the first miniTicker shows how late the connection is.
    std::optional<Tick> update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint received_at);

    /// Called when the venue sends an invalid book (empty, one-sided, crossed, malformed): the previous one
    /// is no longer confirmed.
    void retract(std::uint64_t update_id = 0);

    /// Takes a miniTicker frame. Returns the held book again, observed at `event_at`, unless there is none or
    /// it is stale.
    std::optional<Tick> confirm(Rate last_price, TimePoint event_at, TimePoint received_at);

private:
    struct Event {
        TimePoint at{};
        TimePoint received_at{};
    };

    SymbolId symbol_;
    std::optional<Tick> held_;
    std::uint64_t newest_id_ = 0;
    std::optional<Event> last_event_;
    std::optional<Rate> last_price_;
    bool moved_since_confirmation_ = false;
    bool is_outdated_ = false;
};

}  // namespace kurs::binance
