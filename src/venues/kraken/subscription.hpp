#pragma once

#include <optional>

#include "kurs/domain/tick.hpp"
#include "kurs/venue/backoff.hpp"
#include "kurs/venue/venue_time.hpp"
#include "venues/kraken/book.hpp"

namespace kurs::kraken {

/// The subscription to a symbol's book on one connection: what the book says, and when to subscribe again.
///
/// Nothing that the venue sends by itself tells a quiet book from a dead subscription. A book that has not
/// been confirmed for `quiet_limit` is therefore subscribed again, which makes the venue send a snapshot. It
/// confirms the last price and does not change the price's place in the order of books.
class Subscription {
public:
    Subscription(SymbolId symbol, Duration quiet_limit);

    /// Takes an entry of a `book` frame. Fails if it makes no price.
    result<Tick> on_book(const BookEntry& entry, bool is_snapshot, TimePoint received_at);

    /// The venue has accepted the request that it received at `asked_at`. The snapshot that follows is not
    /// older.
    void on_accepted(VenueTime asked_at);

    /// `is_subscribed`: the reason is that there is a subscription.
    void on_refused(bool is_subscribed, TimePoint received_at);

    bool is_due(TimePoint now) const { return now >= due_at_; }

    /// Whether the venue has accepted a subscription: it must be cancelled before the next one.
    bool is_accepted() const { return is_accepted_; }

    void sent(TimePoint at);

private:
    result<void> apply(const BookEntry& entry, bool is_snapshot);
    static result<VenueTime> time_of(const result<VenueTime>& written_at,
                                     const std::optional<VenueTime>& asked_at, TimePoint received_at);
    std::uint64_t next_sequence(VenueTime time, bool is_snapshot);
    void failed(TimePoint at);

    SymbolId symbol_;
    Duration quiet_limit_;
    Book book_;
    bool needs_snapshot_ = true;
    bool is_accepted_ = false;
    bool has_failed_ = false;  ///< since it was sent
    std::optional<VenueTime> asked_at_;
    std::optional<Tick> newest_;  ///< of an unbroken book
    std::uint64_t sequence_ = 0;  ///< the highest of the ticks
    int snapshots_ = 0;           ///< since the last update
    TimePoint sent_at_{};
    TimePoint due_at_{};
    Backoff backoff_;
};

}  // namespace kurs::kraken
