#pragma once

#include <optional>
#include <string>

#include "kurs/domain/tick.hpp"

namespace kurs::binance {

/// One symbol's best bid and ask on one connection, when they were true, and whether the connection still
/// vouches for them.
///
/// `bookTicker` comes only when the book changes, and bears no time. The symbol's 1 Hz `miniTicker` does, so
/// it dates the books and confirms a quiet one. A dead book stream beside a living miniTicker must not keep
/// an old price alive: every trade moves the book, so a new last price without a book frame since the
/// miniTicker before it means that the book is out of date.
class Book {
public:
    /// How much later than it was true a book may be dated, at most: until the next event time the connection
    /// is taken to be as late as it was at the last one, and it may have fallen behind since.
    static constexpr Duration dating_error_limit = std::chrono::seconds(1);

    explicit Book(SymbolId symbol) : symbol_(symbol) {}

    /// Whether the venue counted `update_id` after every book of this connection.
    bool is_newer(std::uint64_t update_id) const { return update_id > newest_id_; }

    /// A newer book. Gives no tick until the first miniTicker tells how late the connection is.
    std::optional<Tick> update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint received_at);

    /// The venue sent a book that is none (empty, one-sided, crossed, malformed): the one before it is no
    /// longer confirmed.
    void retract(std::uint64_t update_id = 0);

    /// A miniTicker frame. Gives the held book again, observed at `event_at`, unless there is none or it is
    /// out of date.
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
