#include "kurs/copies/history_relay.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "kurs/copies/change_text.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

/// A change may reach a follower this long after the moment from which it is served.
constexpr Duration late_limit = std::chrono::seconds(1);

constexpr Duration say_dropped_every = std::chrono::minutes(1);

}  // namespace

HistoryRelay::HistoryRelay(const MarketMap& map, const Clock& clock, SharedQueue& queue,
                           std::size_t most_rows, std::function<bool()> can_write, RelayLimits limits)
    : map_(map),
      clock_(clock),
      queue_(queue),
      can_write_(std::move(can_write)),
      limits_(limits),
      recorded_(most_rows),
      most_sent_(most_rows),
      direct_(most_rows) {}

void HistoryRelay::record(const BoardChange& change) {
    for (const auto& quote : change.quotes) recorded_.add(quote, change.visible_at);
    for (const auto& [venue, direction] : change.lost) {
        if (recorded_.has_quote(venue, direction)) recorded_.add_loss(venue, direction, change.visible_at);
    }
    if (change.active) recorded_.add(*change.active);
}

void HistoryRelay::note_known(const BoardChange& whole) {
    for (const auto& quote : whole.quotes) recorded_.note_known(quote);
    if (whole.active) recorded_.note_known(*whole.active);
}

void HistoryRelay::note_role(Role role, Epoch epoch) {
    if (role != Role::leader || epoch != epoch_) write_sent_here();
    if (role == Role::leader && role_ != Role::leader) queue_unwritten_since_ = leader_unwritten_since_;
    role_ = role;
    epoch_ = epoch;
}

void HistoryRelay::note_followed(Epoch epoch) {
    if (epoch <= followed_) return;
    // Of the first one it follows, a copy knows only what that one knows as well.
    if (followed_ != Epoch{}) send_along_until_ = clock_.now() + limits_.send_along_for;
    followed_ = epoch;
}

TimePoint HistoryRelay::unwritten_since(TimePoint now) const {
    const bool knows_by_itself = role_ == Role::leader || role_ == Role::alone;
    if (!knows_by_itself) return std::min(now, leader_unwritten_since_);
    auto since = std::min(recorded_.unwritten_since(now), direct_.unwritten_since(now));
    if (role_ == Role::leader) since = std::min(since, queue_unwritten_since_);
    return sent_.empty() ? since : std::min(since, first_recorded_at(sent_.front().rows, since));
}

net::awaitable<void> HistoryRelay::send() {
    for (;;) {
        const auto now = clock_.now();
        if (role_ == Role::leader) {
            recorded_.close_seconds(now);
            while (role_ == Role::leader && co_await send_next()) continue;
            if (clock_.now() >= check_at_) co_await check_queue();
        } else if (role_ == Role::alone) {
            recorded_.close_seconds(now);
            write_recorded_here();
        } else {
            recorded_.close_seconds(now - late_limit);
            const auto is_to_send = [&] { return role_ == Role::follower && now < send_along_until_; };
            while (is_to_send() && co_await send_next()) continue;
            recorded_.forget_before(now - limits_.remembered_for);
        }
        co_await sleep_for(limits_.look_every);
    }
}

/// Returns whether there may be more to send.
net::awaitable<bool> HistoryRelay::send_next() {
    const auto& batch = recorded_.next(limits_.batch_rows);
    if (batch.quotes.empty() && batch.changes.empty()) co_return false;
    const bool leads = role_ == Role::leader;
    const auto appended = co_await queue_.append_history(leads ? epoch_ : followed_, to_text(map_, batch));
    if (!appended && appended.error().is_permanent) {
        // The queue logs the reason once; this comes with every batch.
        spdlog::debug("history: rows are not sent but written here: {}", appended.error().text);
        direct_.add(batch);
        recorded_.written();
        co_return true;
    }
    // Whether it was appended or not, another attempt does no harm.
    if (!appended || !*appended) co_return false;
    note_dropped((*appended)->dropped);
    if (leads) {
        sent_rows_ += batch.quotes.size();
        sent_.push_back({(*appended)->id, batch});
    }
    recorded_.written();
    // It is in the queue; there is only less to fall back on.
    for (; sent_rows_ > most_sent_; sent_.pop_front()) sent_rows_ -= sent_.front().rows.quotes.size();
    co_return true;
}

void HistoryRelay::note_dropped(std::size_t batches) {
    dropped_ += batches;
    dropped_in_all_ += batches;
    if (dropped_ == 0 || clock_.now() < say_dropped_at_) return;
    spdlog::error("history: {} batches were dropped by the queue, which is full", std::exchange(dropped_, 0));
    say_dropped_at_ = clock_.now() + say_dropped_every;
}

net::awaitable<void> HistoryRelay::check_queue() {
    const auto now = clock_.now();
    const auto asked_of = recorded_.unwritten_since(now);
    const auto oldest = co_await queue_.find_oldest_history(epoch_);
    if (!oldest || !*oldest || role_ != Role::leader) co_return;
    check_at_ = now + limits_.check_every;
    const auto& [id, epoch, text, after] = **oldest;
    const auto is_written = [&id](const Sent& sent) { return id.empty() || is_earlier_id(sent.id, id); };
    for (; !sent_.empty() && is_written(sent_.front()); sent_.pop_front())
        sent_rows_ -= sent_.front().rows.quotes.size();
    queue_unwritten_since_ = asked_of;
    if (id.empty()) co_return;
    const auto waiting = parse_batch(map_, text);
    queue_unwritten_since_ = waiting ? first_recorded_at(*waiting, asked_of) : TimePoint{};
}

net::awaitable<void> HistoryRelay::receive() {
    for (;;) {
        co_await acknowledge();
        const bool may_read =
            role_ && role_ != Role::alone && can_write_() && inbox_.waiting() < limits_.held_rows;
        if (!may_read) {
            co_await sleep_for(limits_.look_every);
            continue;
        }
        const auto entries =
            co_await queue_.read_history(limits_.read_entries, limits_.read_wait, limits_.idle_limit);
        if (!entries) {
            co_await sleep_for(limits_.look_every);
            continue;
        }
        for (const auto& entry : *entries) take(entry);
    }
}

void HistoryRelay::take(const QueueEntry& entry) {
    auto rows = parse_batch(map_, entry.text);
    if (rows) return inbox_.add(entry.id, *std::move(rows));
    spdlog::error("history: entry {} of the queue is malformed and is not written", entry.id);
    to_acknowledge_.push_back(entry.id);
}

/// What could not be acknowledged will be handed out again.
net::awaitable<void> HistoryRelay::acknowledge() {
    auto written = inbox_.take_written();
    std::ranges::move(written, std::back_inserter(to_acknowledge_));
    if (to_acknowledge_.empty()) co_return;
    auto ids = std::exchange(to_acknowledge_, {});
    co_await queue_.acknowledge_history(std::move(ids));
}

net::awaitable<void> HistoryRelay::finish() {
    recorded_.close_seconds(TimePoint::max());
    while (role_ == Role::leader && co_await send_next()) continue;
    co_await acknowledge();
    if (role_ != Role::follower) write_recorded_here();
    write_sent_here();
}

void HistoryRelay::write_sent_here() {
    for (const auto& sent : sent_) direct_.add(sent.rows);
    sent_.clear();
    sent_rows_ = 0;
}

void HistoryRelay::write_recorded_here() {
    for (;;) {
        const auto& batch = recorded_.next(limits_.batch_rows);
        if (batch.quotes.empty() && batch.changes.empty()) return;
        direct_.add(batch);
        recorded_.written();
    }
}

const Batch& HistoryRelay::next(std::size_t most) {
    if (!is_inbox_next_) {
        const auto& own = direct_.next(most);
        if (!own.quotes.empty() || !own.changes.empty()) return own;
    }
    const auto& held = inbox_.next(most);
    is_inbox_next_ = !held.quotes.empty() || !held.changes.empty();
    return held;
}

void HistoryRelay::written() {
    if (std::exchange(is_inbox_next_, false)) {
        inbox_.written();
    } else {
        direct_.written();
    }
}

}  // namespace kurs
