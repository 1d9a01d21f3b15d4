#include "venues/coinbase/product.hpp"

#include <algorithm>

namespace kurs::coinbase {
namespace {

/// A snapshot takes a megabyte and more, so it is given time before it is requested again.
constexpr BackoffLimits request_retry{std::chrono::seconds(5), std::chrono::minutes(1)};

/// A book that has been sound for this long is no part of the failure before.
constexpr Duration sound_time = std::chrono::minutes(1);

/// The longest time between two requests of a book. The actual time is random, at least half of it.
constexpr BackoffLimits renewal{std::chrono::minutes(10), std::chrono::minutes(10)};

/// For this long, heartbeats alone confirm a book; and for as long as the snapshot then takes.
constexpr Duration quiet_limit = std::chrono::seconds(30);
constexpr Duration snapshot_limit = std::chrono::seconds(5);

/// The updates of a batch follow within 50 ms. After this time the channel is dead.
constexpr Duration doubt_limit = std::chrono::seconds(2);

/// A server that no longer receives events still answers requests, with its last book. This many snapshots
/// confirm a book without an update; the silence watch then replaces the connection.
constexpr int snapshots_without_update = 10;

}  // namespace

Product::Product(SymbolId symbol, Shared& shared, std::uint64_t seed)
    : symbol_(symbol), shared_(shared), backoff_(request_retry, seed), renewal_(renewal, seed) {}

Product::News Product::on_snapshot(const result<Levels>& levels, TimePoint received_at) {
    is_accepted_ = true;
    is_awaited_ = false;
    auto asked_at = std::exchange(asked_at_, std::nullopt);
    // An update that came before it is part of it.
    const auto updated_at = std::exchange(updated_at_, std::nullopt);
    if (asked_at && updated_at && updated_at->microseconds > asked_at->microseconds) asked_at = updated_at;
    if (!levels) return lose(levels.error());
    book_ = Book(*levels);
    is_whole_ = true;
    doubted_since_.reset();
    quiet_at_ = received_at + quiet_limit;
    renewed_at_ = received_at + renewal_.next();
    const auto top = book_.top();
    if (!top) {
        if (asked_at) shared_.tops.withdraw(symbol_, asked_at->microseconds);
        has_failed_ = true;
        return top.error();
    }
    if (sound_since_ == TimePoint::max()) sound_since_ = received_at;
    if (++snapshots_ > snapshots_without_update) return errc::out_of_order;
    if (!asked_at) return std::nullopt;
    return observe(*top, *asked_at, received_at);
}

Product::News Product::on_update(const result<Levels>& changes, const result<VenueTime>& time,
                                 TimePoint received_at) {
    is_accepted_ = true;
    if (!is_whole_) return std::nullopt;
    if (!changes || !time) return lose(errc::malformed);
    if (updated_at_ && time->microseconds < updated_at_->microseconds) return lose(errc::out_of_order);
    book_.update(*changes);
    updated_at_ = *time;
    snapshots_ = 0;
    quiet_at_ = received_at + quiet_limit;
    if (doubted_since_ && time->microseconds > *doubted_since_) doubted_since_.reset();
    if (book_.is_exhausted()) return lose(errc::not_positive);
    const auto top = book_.top();
    if (!top) {
        shared_.tops.withdraw(symbol_, time->microseconds);
        has_failed_ = true;
        return top.error();
    }
    return observe(*top, *time, received_at);
}

Product::News Product::on_heartbeat(std::optional<std::uint64_t> sequence, const result<VenueTime>& time,
                                    TimePoint received_at) {
    if (!sequence || !time) return errc::malformed;
    if (heartbeat_ && time->microseconds < heartbeat_->time.microseconds) return errc::out_of_order;
    const auto before = std::exchange(heartbeat_, Heartbeat{*sequence, *time});
    auto& newest = shared_.news[symbol_].heartbeat;
    if (time->microseconds > newest.time.microseconds) newest = *heartbeat_;
    if (!before) return std::nullopt;
    if (*sequence != before->sequence) {
        const bool is_followed = updated_at_ && updated_at_->microseconds > before->time.microseconds;
        if (!is_followed && !doubted_since_) {
            doubted_since_ = before->time.microseconds;
            doubted_at_ = received_at;
        }
        return std::nullopt;
    }
    const auto top = book_.top();
    if (!top || !is_confirmable(received_at)) return std::nullopt;
    return observe(*top, *time, received_at);
}

bool Product::is_confirmable(TimePoint received_at) const {
    return is_whole_ && !doubted_since_ && snapshots_ <= snapshots_without_update &&
           received_at < quiet_at_ + snapshot_limit;
}

/// A connection that is behind another one keeps the number of its own time, which tells so.
Tick Product::observe(const Top& top, const VenueTime& time, TimePoint received_at) {
    if (received_at - sound_since_ >= sound_time) backoff_.reset();
    const auto at = std::min(time.at, received_at);
    auto& confirmed_at = shared_.news[symbol_].confirmed_at;
    confirmed_at = std::max(confirmed_at, at);
    const auto tick = shared_.tops.observe(symbol_, top, time.microseconds, at);
    return tick ? *tick : Tick{symbol_, top.bid, top.ask, at, time.microseconds};
}

errc Product::lose(errc reason) {
    is_whole_ = false;
    has_failed_ = true;
    return reason;
}

bool Product::is_due(TimePoint now) const {
    if (now < allowed_at_) return false;
    return is_awaited_ || has_failed_ || is_dead(now) || now >= quiet_at_ || now >= renewed_at_;
}

/// Whether the updates have stopped coming. Those that come later do not tell what has been missed.
bool Product::is_dead(TimePoint now) const {
    return doubted_since_ && now >= doubted_at_ + doubt_limit;
}

void Product::sent(TimePoint now, const std::optional<VenueTime>& venue_time) {
    is_whole_ &= !is_dead(now);
    if (has_failed_ || !is_whole_) sound_since_ = TimePoint::max();
    allowed_at_ = now + backoff_.next();
    asked_at_ = venue_time;
    is_awaited_ = true;
    is_accepted_ = has_failed_ = false;
}

}  // namespace kurs::coinbase
