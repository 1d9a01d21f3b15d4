#pragma once

#include <functional>
#include <set>

#include "kurs/domain/tick.hpp"
#include "venues/okx/shared.hpp"

namespace kurs::okx {

/// What one connection knows of a symbol.
///
/// `bbo-tbt` has the best prices, but is silent while they stand. `books` tells every change of 400 levels,
/// so each of its updates confirms the best prices if it leaves them as they are. Both count in `seqId`: the
/// higher number is the newer book. It is the tick's sequence, since the venue numbers the same on every
/// connection.
///
/// A book that is crossed, or has an empty side, withdraws the price. Only a newer book of `bbo-tbt` restores
/// it.
class Instrument {
public:
    /// `news` must outlive it.
    Instrument(SymbolId symbol, SymbolNews& news);

    using News = result<std::optional<Tick>>;

    /// Takes a frame of `bbo-tbt`. Fails if it makes no price.
    News on_top(const BookEntry& entry, TimePoint received_at);

    /// Takes a frame of `books`. No tick if it does not confirm the price. Fails if updates are missing, if
    /// the book is no price, or if it contradicts `bbo-tbt`: then a snapshot is needed.
    News on_book(const BookEntry& entry, bool is_snapshot, TimePoint received_at);

    /// The price, dated by the REST answer that confirms it. None if no answer does, or only an older one.
    std::optional<Tick> on_answer();

    /// An unreadable book: the price before it is not confirmed any more.
    void withdraw();

    /// An unreadable update of `books`.
    void lose_book();

    bool needs_snapshot() const { return !is_whole_; }

private:
    bool is_held(Top top) const { return held_ && top == Top{held_->bid, held_->ask}; }
    result<void> follow(const BookEntry& entry, bool is_snapshot);
    News judge(result<Top> top, std::uint64_t sequence, TimePoint at);
    Tick hold(Top top, std::uint64_t sequence, TimePoint at);
    void renumber(std::uint64_t first, TimePoint first_at, std::uint64_t newest);
    void notice_restart(const BookEntry& entry);

    SymbolId symbol_;
    SymbolNews& news_;
    std::optional<Tick> held_;
    bool is_withdrawn_ = false;
    std::uint64_t newest_ = 0;  ///< the highest number that has made or withdrawn a price
    std::uint64_t renumbered_;
    std::set<Rate, std::greater<>> bids_;
    std::set<Rate> asks_;
    std::uint64_t book_sequence_ = 0;  ///< as the venue counts
    std::uint64_t book_renumbered_ = 0;
    bool is_whole_ = false;  ///< the book has its snapshot and every update since
};

}  // namespace kurs::okx
