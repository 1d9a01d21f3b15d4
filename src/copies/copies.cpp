#include "kurs/copies/copies.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "kurs/copies/change_text.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {
Copies::Copies(const MarketMap& map, const Clock& clock, SharedQueue& queue, CopyEvents events,
               CopyLimits limits)
    : map_(map),
      clock_(clock),
      queue_(queue),
      events_(std::move(events)),
      limits_(limits),
      policy_(limits.role) {}

net::awaitable<void> Copies::keep_role() {
    for (;;) {
        co_await ask_for_lease();
        has_asked_ = true;
        settle_role();
        co_await sleep_for(limits_.ask_every);
    }
}

net::awaitable<void> Copies::ask_for_lease() {
    const auto asked_at = clock_.now();
    if (policy_.role(asked_at) == Role::leader) {
        const auto renewed = co_await queue_.renew_lease(policy_.epoch(), limits_.role.lease);
        if (!renewed) co_return note_failure(renewed.error());
        if (*renewed) co_return policy_.note_renewed(asked_at);
        co_return policy_.note_held_by_other(clock_.now());
    }
    const auto taken = co_await queue_.take_lease(limits_.role.lease);
    if (!taken) co_return note_failure(taken.error());
    if (*taken) co_return policy_.note_taken(**taken, asked_at);
    policy_.note_held_by_other(clock_.now());
}

net::awaitable<void> Copies::publish() {
    for (;;) {
        co_await sleep_for(limits_.pace.until_next(clock_.now()));
        settle_role();
        if (!role_ || is_following()) continue;
        const auto slot = limits_.pace.slot_of(clock_.now());
        // A timer may wake a little early.
        if (!is_following() && slot > slot_) co_await publish_slot(slot);
    }
}

net::awaitable<void> Copies::publish_slot(TimePoint slot) {
    slot_ = slot;
    auto change = events_.take_change();
    // Until it hears of the venues itself, a copy on its own knows nothing that is as new as the slot.
    has_own_news_ = has_own_news_ || !change.is_empty();
    if (role_ == Role::alone && !has_own_news_) co_return;
    if (std::exchange(must_say_all_, false)) change = events_.whole();
    version_ = std::max(version_ + 1, ViewPace::version_of(slot));
    change.version = version_;
    change.visible_at = slot + limits_.pace.delay;
    if (role_ == Role::alone) co_return events_.on_change(std::move(change));
    co_await publish_change(std::move(change));
    if (role_ == Role::leader && slot - snapshot_at_ >= limits_.snapshot_every) co_await save_snapshot();
}

net::awaitable<void> Copies::publish_change(BoardChange change) {
    must_say_all_ = true;  // until it is known to be appended
    auto appended = co_await queue_.append_view(policy_.epoch(), to_text(map_, change));
    // What the others may never hear of is not shown here either.
    if (!appended) co_return note_failure(appended.error());
    if (!*appended) {
        policy_.note_held_by_other(clock_.now());
        co_return settle_role();
    }
    must_say_all_ = false;
    appended_id_ = **appended;
    events_.on_change(std::move(change));
}

net::awaitable<void> Copies::save_snapshot() {
    auto whole = events_.whole();
    whole.version = version_;
    whole.visible_at = slot_ + limits_.pace.delay;
    QueueSnapshot snapshot{appended_id_, policy_.epoch(), to_text(map_, whole)};
    const auto saved = co_await queue_.save_snapshot(std::move(snapshot));
    if (!saved) co_return note_failure(saved.error());
    snapshot_at_ = clock_.now();
}

net::awaitable<void> Copies::leave() {
    if (policy_.role(clock_.now()) == Role::leader) co_await queue_.release_lease(policy_.epoch());
}

void Copies::settle_role() {
    if (!has_asked_) return;
    auto role = policy_.role(clock_.now());
    if (role == Role::leader && !knows_view()) return;  // it would show that there is nothing
    // What this copy listens to by itself is served until it has caught up with the leader.
    const bool must_catch_up = role == Role::follower && !is_placed_ && role_ && !is_following();
    if (must_catch_up) role = Role::alone;
    if (role_ == role) return;
    spdlog::log(role == Role::alone ? spdlog::level::warn : spdlog::level::info,
                "this copy is now {}, was {}", to_string(role), role_ ? to_string(*role_) : "starting");
    if (role_) events_.take_change();  // is no news any more, and part of all that is to be said
    role_ = role;
    must_say_all_ = true;
    has_own_news_ = false;
    events_.on_role(role, policy_.epoch());
}

void Copies::note_failure(const StoreFailure& failure) {
    policy_.note_failure(clock_.now());
    spdlog::debug("copies: {}", failure.text);
}

}  // namespace kurs
