// How a copy comes to know what others have published.
#include <spdlog/spdlog.h>

#include <utility>

#include "kurs/copies/change_text.hpp"
#include "kurs/copies/copies.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {

net::awaitable<void> Copies::follow() {
    for (;;) {
        const auto role = policy_.role(clock_.now());
        bool went_well = true;
        if (has_asked_ && role == Role::leader && !knows_view()) {
            went_well = co_await begin_to_lead();
        } else if (has_asked_ && role == Role::follower) {
            went_well = is_placed_ ? co_await read_on() : co_await begin_to_follow();
        } else {
            is_placed_ = false;
            co_await sleep_for(limits_.pace.slot);
        }
        if (!went_well) co_await sleep_for(limits_.retry_every);
    }
}

/// Whoever has just started goes on from what the last leader has published: others are serving it.
net::awaitable<bool> Copies::begin_to_lead() {
    const auto loaded = co_await queue_.load_snapshot();
    if (!loaded) {
        note_failure(loaded.error());
        co_return false;
    }
    is_informed_ = true;
    if (*loaded) is_informed_ = co_await take_over(**loaded);
    settle_role();
    co_return is_informed_;
}

net::awaitable<bool> Copies::take_over(const QueueSnapshot& snapshot) {
    auto whole = parse_change(map_, snapshot.text);
    if (!whole) {
        spdlog::error("copies: the snapshot is malformed");
        co_return true;
    }
    const auto end = whole->visible_at + limits_.snapshot_every;
    if (clock_.now() - end > limits_.silence) {
        version_ = whole->version;
        events_.on_earlier_end(end);
        co_return true;
    }
    const auto entries = co_await queue_.read_view(snapshot.id, limits_.pace.slot);
    if (!entries) {
        note_failure(entries.error());
        co_return false;
    }
    take_whole(*std::move(whole), snapshot.epoch);
    for (const auto& entry : *entries) take_change(entry);
    co_return true;
}

net::awaitable<bool> Copies::begin_to_follow() {
    const auto loaded = co_await queue_.load_snapshot();
    if (!loaded) {
        note_failure(loaded.error());
        co_return false;
    }
    const bool has_own = version_ > 0;
    if (!*loaded) co_return place({}, !has_own);
    const auto& snapshot = **loaded;
    auto whole = parse_change(map_, snapshot.text);
    if (!whole) {
        spdlog::error("copies: the snapshot is malformed");
        co_return place({}, !has_own);
    }
    // What nobody renews may be older than what this copy knows by itself.
    const auto oldest = clock_.now() - 2 * limits_.snapshot_every - limits_.role.margin;
    if (has_own && whole->version < ViewPace::version_of(oldest)) co_return place({}, false);
    // With what has come since, in one step: a snapshot alone is up to a second old.
    const auto entries = co_await queue_.read_view(snapshot.id, limits_.pace.slot);
    if (!entries) {
        note_failure(entries.error());
        co_return false;
    }
    if (!place(snapshot.id, true)) co_return false;
    take_whole(*std::move(whole), snapshot.epoch);
    take_entries(*entries);
    co_return true;
}

/// Follows from the entry on, if it `may`, and if this copy is still to follow.
bool Copies::place(const std::string& position, bool may) {
    is_placed_ = may && policy_.role(clock_.now()) == Role::follower;
    position_ = position;
    settle_role();
    return is_placed_;
}

net::awaitable<bool> Copies::read_on() {
    const auto entries = co_await queue_.read_view(position_, limits_.read_wait);
    if (!entries) {
        note_failure(entries.error());
        co_return false;
    }
    take_entries(*entries);
    co_return true;
}

void Copies::take_entries(const std::vector<QueueEntry>& entries) {
    for (const auto& entry : entries) {
        if (is_following() && is_placed_) take_entry(entry);
    }
}

void Copies::take_entry(const QueueEntry& entry) {
    if (!position_.empty() && entry.after != position_) {
        spdlog::warn("copies: entries of the queue were missed; beginning with the snapshot");
        is_placed_ = false;
        return;
    }
    position_ = entry.id;
    take_change(entry);
}

void Copies::take_whole(BoardChange whole, Epoch epoch) {
    newest_epoch_ = std::max(newest_epoch_, epoch);
    version_ = std::max(version_, whole.version);
    events_.on_whole(std::move(whole));
}

void Copies::take_change(const QueueEntry& entry) {
    if (entry.epoch < newest_epoch_ || entry.epoch == Epoch{}) return;
    newest_epoch_ = entry.epoch;
    auto change = parse_change(map_, entry.text);
    if (!change) return spdlog::error("copies: entry {} is malformed", entry.id);
    version_ = std::max(version_, change->version);
    events_.on_change(*std::move(change));
}

}  // namespace kurs
