#pragma once

#include "kurs/domain/tick.hpp"
#include "kurs/venue/backoff.hpp"
#include "venues/coinbase/book.hpp"
#include "venues/coinbase/shared.hpp"

namespace kurs::coinbase {

/// A product on one connection: its book, what confirms it, and when to subscribe again.
///
/// `level2_batch` has the whole book and every change of it, with the venue's time, but neither a number nor
/// a checksum. An update confirms the book at its time. `heartbeat` comes each second and has the number of
/// the product's newest order event: if it has not moved since the heartbeat before, nothing has happened. If
/// it has moved and no update comes, the book is in doubt, and no heartbeat confirms it before an update or a
/// new snapshot does.
///
/// Nothing reveals an update that is lost among others. Each book is therefore requested again every few
/// minutes, and sooner if heartbeats alone confirm it.
class Product {
public:
    /// `shared` must outlive it. `seed` differs between connections.
    Product(SymbolId symbol, Shared& shared, std::uint64_t seed);

    using News = result<std::optional<Tick>>;

    /// Takes a snapshot. No tick if its time is not known. Fails if it makes no price.
    News on_snapshot(const result<Levels>& levels, TimePoint received_at);

    /// Takes an `l2update`. No tick before the first snapshot. Fails if the book makes no price, or is lost.
    News on_update(const result<Levels>& changes, const result<VenueTime>& time, TimePoint received_at);

    /// Takes a heartbeat. No tick if it does not confirm the book.
    News on_heartbeat(std::optional<std::uint64_t> sequence, const result<VenueTime>& time,
                      TimePoint received_at);

    /// Whether a snapshot is to be requested.
    bool is_due(TimePoint now) const;

    /// Whether the venue sends the book: the subscription must be cancelled before the next one.
    bool is_accepted() const { return is_accepted_; }

    /// A snapshot has been requested. It is not older than `venue_time`, the newest time that the venue has
    /// told on this connection.
    void sent(TimePoint now, const std::optional<VenueTime>& venue_time);

    /// Whether the venue has no reason to leave the product out of the list of subscriptions.
    bool is_subscribed() const { return is_whole_ && !is_awaited_; }

    /// The venue has ended the subscription.
    void on_unsubscribed() { has_failed_ = true; }

    /// A frame that could not be read may have been an update.
    void on_unreadable() { lose(errc::malformed); }

private:
    bool is_confirmable(TimePoint received_at) const;
    bool is_dead(TimePoint now) const;
    Tick observe(const Top& top, const VenueTime& time, TimePoint received_at);
    errc lose(errc reason);

    SymbolId symbol_;
    Shared& shared_;
    Book book_;
    bool is_whole_ = false;                       ///< the book has its snapshot and every update since
    std::optional<VenueTime> updated_at_;         ///< the time of the newest update since the snapshot
    std::optional<Heartbeat> heartbeat_;          ///< the newest on this connection
    std::optional<std::uint64_t> doubted_since_;  ///< no update tells what has happened after this time
    TimePoint doubted_at_{};
    int snapshots_ = 0;  ///< since the last update

    bool is_accepted_ = false;
    bool is_awaited_ = true;   ///< a snapshot
    bool has_failed_ = false;  ///< since the last request
    std::optional<VenueTime> asked_at_;
    TimePoint allowed_at_{};  ///< no request before this
    TimePoint quiet_at_ = TimePoint::max();
    TimePoint renewed_at_ = TimePoint::max();
    TimePoint sound_since_ = TimePoint::max();
    Backoff backoff_;
    Backoff renewal_;
};

}  // namespace kurs::coinbase
