#include "venues/kraken/subscription.hpp"

#include <algorithm>

namespace kurs::kraken {
namespace {

/// A book that fails again and again is subscribed to ever more rarely.
constexpr BackoffLimits subscribe_retry{std::chrono::seconds(1), std::chrono::minutes(1)};

/// The venue has no sequence. Its time orders books across connections, and their order within a connection
/// those of the same time.
constexpr std::uint64_t changes_per_microsecond = 256;

/// A server that no longer receives updates still answers requests, with its last book. This many snapshots
/// confirm a book without an update; the silence watch then replaces the connection.
constexpr int snapshots_without_update = 10;

}  // namespace

Subscription::Subscription(SymbolId symbol, Duration quiet_limit)
    : symbol_(symbol), quiet_limit_(quiet_limit), backoff_(subscribe_retry, index(symbol) + 1) {}

result<Tick> Subscription::on_book(const BookEntry& entry, bool is_snapshot, TimePoint received_at) {
    const auto applied = apply(entry, is_snapshot);
    if (applied) snapshots_ = is_snapshot ? snapshots_ + 1 : 0;
    const auto top = applied ? book_.top() : applied.error();
    if (!top) {
        newest_.reset();
        failed(received_at);
        return top.error();
    }
    if (!is_snapshot) backoff_.reset();
    const auto asked_at = is_snapshot ? std::exchange(asked_at_, std::nullopt) : std::nullopt;
    const auto written_at = parse_venue_time(entry.timestamp);
    const auto time = time_of(written_at, asked_at, received_at);
    if (!time) return time.error();
    due_at_ = received_at + quiet_limit_;
    if (snapshots_ > snapshots_without_update) return errc::out_of_order;
    Tick tick{symbol_, top->bid, top->ask, std::min(time->at, received_at), 0};
    const bool is_repeated = is_snapshot && newest_ && newest_->bid == tick.bid && newest_->ask == tick.ask;
    if (is_repeated) {
        tick.sequence = newest_->sequence;
        tick.observed_at = std::max(tick.observed_at, newest_->observed_at);
    } else {
        tick.sequence = next_sequence(written_at ? *written_at : *time, is_snapshot);
    }
    newest_ = tick;
    return tick;
}

result<void> Subscription::apply(const BookEntry& entry, bool is_snapshot) {
    if (needs_snapshot_ && !is_snapshot) return errc::out_of_order;
    const auto applied = is_snapshot ? book_.replace(entry) : book_.update(entry);
    needs_snapshot_ = !applied;
    if (is_snapshot) is_accepted_ = true;
    return applied;
}

/// The time at which the book was true. A snapshot may come without one, but never from before its request.
result<VenueTime> Subscription::time_of(const result<VenueTime>& written_at,
                                        const std::optional<VenueTime>& asked_at, TimePoint received_at) {
    auto time = written_at;
    if (asked_at && (!time || time->microseconds < asked_at->microseconds)) time = *asked_at;
    if (time && time->at > received_at + clock_difference_limit) return errc::malformed;
    return time;
}

/// The place of a book in the order of books. The time of a request is not part of it: the answer may be an
/// old book. An older snapshot therefore keeps its own place, behind the newer books.
std::uint64_t Subscription::next_sequence(VenueTime time, bool is_snapshot) {
    const std::uint64_t first = time.microseconds * changes_per_microsecond;
    const bool is_older = first + changes_per_microsecond <= sequence_;
    if (is_snapshot && is_older) return first;
    sequence_ = std::max(sequence_ + 1, first);
    return sequence_;
}

void Subscription::on_accepted(VenueTime asked_at) {
    is_accepted_ = true;
    asked_at_ = asked_at;
}

void Subscription::on_refused(bool is_subscribed, TimePoint received_at) {
    is_accepted_ = is_subscribed;
    failed(received_at);
}

void Subscription::sent(TimePoint at) {
    sent_at_ = at;
    due_at_ = at + quiet_limit_;
    has_failed_ = false;
    is_accepted_ = false;
}

void Subscription::failed(TimePoint at) {
    if (std::exchange(has_failed_, true)) return;
    due_at_ = std::max(at, sent_at_ + backoff_.next());
}

}  // namespace kurs::kraken
