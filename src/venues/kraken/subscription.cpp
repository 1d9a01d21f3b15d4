#include "venues/kraken/subscription.hpp"

#include <algorithm>

namespace kurs::kraken {
namespace {

/// A book that fails again and again is subscribed to ever more rarely.
constexpr BackoffLimits subscribe_retry{std::chrono::seconds(1), std::chrono::minutes(1)};

/// A time further ahead than clocks may differ is no time.
constexpr Duration clock_difference_limit = std::chrono::minutes(1);

/// The venue has no sequence. Its time orders books across connections, and their order within a connection
/// those of the same time.
constexpr std::uint64_t changes_per_microsecond = 256;

}  // namespace

Subscription::Subscription(SymbolId symbol, Duration quiet_limit)
    : symbol_(symbol), quiet_limit_(quiet_limit), backoff_(subscribe_retry, index(symbol) + 1) {}

result<Tick> Subscription::on_book(const BookEntry& entry, bool is_snapshot, TimePoint received_at) {
    const auto applied = apply(entry, is_snapshot);
    const auto top = applied ? book_.top() : applied.error();
    if (!top) {
        failed(received_at);
        return top.error();
    }
    if (!is_snapshot) backoff_.reset();
    const auto time = time_of(entry, is_snapshot, received_at);
    if (!time) return time.error();
    sequence_ = std::max(sequence_ + 1, time->microseconds * changes_per_microsecond);
    due_at_ = received_at + quiet_limit_;
    return Tick{symbol_, top->bid, top->ask, std::min(time->at, received_at), sequence_};
}

result<void> Subscription::apply(const BookEntry& entry, bool is_snapshot) {
    if (needs_snapshot_ && !is_snapshot) return errc::out_of_order;
    const auto applied = is_snapshot ? book_.replace(entry) : book_.update(entry);
    needs_snapshot_ = !applied;
    if (is_snapshot) is_accepted_ = true;
    return applied;
}

/// The time at which the book was true. A snapshot may come without one, but never from before its request.
result<VenueTime> Subscription::time_of(const BookEntry& entry, bool is_snapshot, TimePoint received_at) {
    const auto asked_at = is_snapshot ? std::exchange(asked_at_, std::nullopt) : std::nullopt;
    auto time = read_time(entry.timestamp);
    if (asked_at && (!time || time->microseconds < asked_at->microseconds)) time = *asked_at;
    if (time && time->at > received_at + clock_difference_limit) return errc::malformed;
    return time;
}

void Subscription::on_accepted(VenueTime asked_at) {
    is_accepted_ = true;
    asked_at_ = asked_at;
}

void Subscription::on_refused(TimePoint received_at) {
    is_accepted_ = false;
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
