#pragma once

#include <optional>
#include <string>

#include "kurs/domain/tick.hpp"

namespace kurs::binance {

/// One symbol's best bid and ask on one connection, and whether the connection still vouches for them.
///
/// `bookTicker` comes only when the book changes, so a quiet book is confirmed by the symbol's 1 Hz
/// `miniTicker`. But a dead book stream beside a living miniTicker must not keep an old price alive: every
/// trade moves the book, so a new last price without a book frame since the miniTicker before it means that
/// the book is out of date.
class Book {
public:
    explicit Book(SymbolId symbol) : symbol_(symbol) {}

    /// A bookTicker frame. Fails with `out_of_order` where `update_id` has not grown on this connection.
    result<Tick> update(Rate bid, Rate ask, std::uint64_t update_id, TimePoint observed_at);

    /// A miniTicker frame. Gives the held book again, observed now, unless there is none or it is out of
    /// date.
    std::optional<Tick> confirm(Rate last_price, TimePoint observed_at);

private:
    SymbolId symbol_;
    std::optional<Tick> held_;
    std::optional<Rate> last_price_;
    bool moved_since_confirmation_ = false;
    bool is_outdated_ = false;
};

}  // namespace kurs::binance
