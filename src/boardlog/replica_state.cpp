#include "kurs/boardlog/replica_state.hpp"

#include <algorithm>
#include <utility>

#include "kurs/boardlog/change_text.hpp"

namespace kurs {

using namespace log_event;
using namespace log_action;

namespace {

std::string unreadable(const std::string& what, errc reason) {
    return what +
           (reason == errc::unknown_event ? " has a newer format than this release reads" : " is malformed");
}

}  // namespace

ReplicaState::ReplicaState(const MarketMap& map, ReplicaLimits limits)
    : limits_(limits), policy_(limits.role), newest_(map, Duration{}) {}

ReplicaState::Actions ReplicaState::step(LogEvent event, TimePoint now) {
    deliver_due(now);
    std::visit([&](auto& each) { on(each, now); }, event);
    settle_role(now);
    deliver_due(now);
    read(now);
    return std::exchange(actions_, {});
}

void ReplicaState::write(BoardChange change) {
    newest_.apply(change);
    if (change.is_snapshot) {
        written_ = {};
        must_publish_all_ = true;
    } else {
        written_.add(std::move(change));
    }
}

// The lease.

void ReplicaState::on(const SlotBegan&, TimePoint now) {
    settle_role(now);
    if (is_apart_) {
        has_asked_ = true;
    } else {
        ask_for_lease(now);
    }
    if (publish_slot(now)) prove_itself(now);
}

void ReplicaState::ask_for_lease(TimePoint now) {
    if (is_asking_ || now < ask_at_) return;
    is_asking_ = true;
    if (policy_.holds_lease(now)) {
        actions_.emplace_back(RenewLease{policy_.epoch()});
    } else {
        actions_.emplace_back(TakeLease{});
    }
}

void ReplicaState::on(const LeaseGranted& event, TimePoint now) {
    policy_.note_granted(event.epoch, event.asked_at);
    note_asked(now);
}

void ReplicaState::on(const LeaseRefused&, TimePoint now) {
    policy_.note_held_by_other(now);
    note_asked(now);
}

void ReplicaState::note_asked(TimePoint now) {
    has_asked_ = true;
    is_asking_ = false;
    ask_at_ = std::max(ask_at_, now + limits_.ask_every);
}

void ReplicaState::on(const RequestFailed& event, TimePoint now) {
    policy_.note_failure(now);
    switch (event.request) {
        case Request::lease: note_asked(now); break;
        case Request::publish:
            is_publishing_ = false;
            snapshot_at_ = {};  // it may not have been saved
            must_publish_all_ = true;
            if (policy_.note_unpublished(now)) give_up_lease(now);
            break;
        case Request::read:
            is_reading_ = false;
            read_at_ = now + limits_.retry_every;
            break;
    }
}

void ReplicaState::give_up_lease(TimePoint now) {
    actions_.emplace_back(ReleaseLease{policy_.epoch()});
    // Another replica asks before this one does.
    ask_at_ = now + limits_.role.lease + limits_.ask_every;
}

void ReplicaState::settle_role(TimePoint now) {
    if (!has_asked_) return;
    auto role = policy_.role(now);
    if (role != Role::follower) position_.reset();
    // A new leader that did not know what the last leader published would publish an empty board.
    if (role == Role::leader && !knows_board()) return;
    // A standalone replica serves its own board until it has caught up with the leader.
    const bool is_catching_up = role == Role::follower && !position_ && (is_writer() || cannot_read_);
    if (is_catching_up) role = Role::standalone;
    if (role_ == role) return;
    written_ = {};  // included in the snapshot, which is published first
    must_publish_all_ = true;
    has_own_changes_ = false;
    role_ = role;
}

// Publishing.

/// Returns whether a slot has begun in which this replica may publish.
bool ReplicaState::publish_slot(TimePoint now) {
    const auto slot = limits_.slots.slot_of(now);
    const bool must_wait = role_ == Role::leader && is_publishing_;
    if (!is_writer() || must_wait || slot <= slot_) return false;  // a timer may fire a little early
    slot_ = slot;
    auto change = written_.take();
    // Until a venue delivers to it, a standalone replica has no data as new as the slot.
    has_own_changes_ = has_own_changes_ || !change.is_empty();
    if (role_ == Role::standalone && !has_own_changes_) return true;
    if (std::exchange(must_publish_all_, false)) {
        change = newest_.snapshot();
        change.is_snapshot = false;  // later changes are real changes
    }
    version_ = std::max(version_ + 1, Slots::version_of(slot));
    change.version = version_;
    change.visible_at = slot + limits_.slots.delay;
    if (role_ == Role::standalone) {
        accept(std::move(change));
    } else {
        append(std::move(change));
    }
    return true;
}

/// Publishes the board while this replica is standalone and serves it already.
void ReplicaState::prove_itself(TimePoint now) {
    if (!policy_.must_prove_itself() || !policy_.holds_lease(now) || is_publishing_) return;
    auto board = newest_.snapshot();
    board.is_snapshot = false;
    // If it has served a change in this slot, this is the board of that change.
    version_ = std::max(has_own_changes_ ? version_ : version_ + 1, Slots::version_of(slot_));
    board.version = version_;
    board.visible_at = slot_ + limits_.slots.delay;
    append(std::move(board));
}

void ReplicaState::append(BoardChange change) {
    is_publishing_ = true;
    std::optional<BoardChange> snapshot;
    if (slot_ - snapshot_at_ >= limits_.snapshot_every) {
        snapshot_at_ = slot_;
        snapshot = newest_.snapshot();
        snapshot->version = change.version;
        snapshot->visible_at = change.visible_at;
    }
    actions_.emplace_back(Append{policy_.epoch(), std::move(change), std::move(snapshot)});
}

void ReplicaState::on(AppendAnswered& event, TimePoint now) {
    is_publishing_ = false;
    if (!event.id) return policy_.note_held_by_other(now);
    policy_.note_published();
    // After a time as standalone it serves something newer already.
    if (role_ != Role::leader || event.change.version < version_) return;
    count(event.change, now);
    accept(std::move(event.change));
    settle_role(now);  // the lease may have ended meanwhile
    if (role_ == Role::leader) publish_slot(now);
}

// Reading.

void ReplicaState::read(TimePoint now) {
    if (!has_asked_ || is_reading_ || now < read_at_) return;
    const auto role = policy_.role(now);
    const bool must_look = role == Role::leader && !knows_board();
    if (role != Role::follower && !must_look) return;
    is_reading_ = true;
    if (position_) {
        actions_.emplace_back(ReadEntries{*position_});
    } else {
        actions_.emplace_back(LoadBoard{});
    }
}

void ReplicaState::on(const BoardLoaded& event, TimePoint now) {
    is_reading_ = false;
    std::optional<BoardChange> board;
    const bool could_not_read = std::exchange(cannot_read_, false);
    if (event.snapshot) {
        const auto parsed = parse_change(newest_.map(), event.snapshot->text);
        cannot_read_ = !parsed;
        if (parsed) {
            board = *parsed;
        } else if (!could_not_read) {
            actions_.emplace_back(Warn{unreadable("the snapshot", parsed.error())});
        }
    }
    const auto role = policy_.role(now);
    if (role == Role::leader && !knows_board()) {
        has_looked_ = true;
        if (board) take_over(event, *std::move(board), now);
    } else if (role == Role::follower && !position_ && !join(event, std::move(board), now)) {
        read_at_ = now + limits_.retry_every;
    }
}

/// A leader that has just started continues from the last leader's board, which other replicas are serving.
void ReplicaState::take_over(const BoardLoaded& loaded, BoardChange board, TimePoint now) {
    const auto end = board.visible_at + limits_.snapshot_every;
    if (now - end > limits_.silence) {
        version_ = board.version;
        for (const auto& entry : loaded.entries) {
            const auto change = parse_change(newest_.map(), entry.text);
            if (change) version_ = std::max(version_, change->version);
        }
        BoardChange stop;
        stop.version = board.version;
        stop.visible_at = end;
        stop.active = ActiveChange{end, std::nullopt, "all replicas had stopped"};
        actions_.emplace_back(Deliver{std::move(stop)});
        return;
    }
    auto own = written_.take();
    follows_since_ = now;
    take_snapshot(std::move(board), loaded.snapshot->epoch);
    for (const auto& entry : loaded.entries) take(entry, now);
    write(std::move(own));
}

/// Returns whether this replica follows from now on.
bool ReplicaState::join(const BoardLoaded& loaded, std::optional<BoardChange> board, TimePoint now) {
    const bool has_own = version_ > 0;
    if (!board) {
        if (!has_own && !loaded.snapshot) position_.emplace();
        return position_.has_value();
    }
    // A snapshot that no leader renews may be older than this replica's own board.
    const auto oldest = now - 2 * limits_.snapshot_every - limits_.role.margin;
    if (has_own && board->version < Slots::version_of(oldest)) return false;
    position_ = loaded.snapshot->id;
    follows_since_ = now;
    settle_role(now);
    take_snapshot(*std::move(board), loaded.snapshot->epoch);
    take_entries(loaded.entries, now);
    return true;
}

void ReplicaState::on(const EntriesRead& event, TimePoint now) {
    is_reading_ = false;
    if (role_ == Role::follower && position_) take_entries(event.entries, now);
}

void ReplicaState::take_entries(const std::vector<StoredEntry>& entries, TimePoint now) {
    for (const auto& entry : entries) {
        if (!position_->empty() && entry.after != *position_) {
            actions_.emplace_back(Warn{"entries were missed; loading the snapshot"});
            position_.reset();
            return;
        }
        if (!take(entry, now)) {
            // Without its changes, this replica would serve another board under the same version.
            position_.reset();
            read_at_ = now + limits_.retry_every;
            return;
        }
        position_ = entry.id;
    }
}

/// False: this replica cannot read the entry.
bool ReplicaState::take(const StoredEntry& entry, TimePoint now) {
    if (entry.epoch < newest_epoch_ || entry.epoch == Epoch{}) return true;
    const bool is_first = entry.epoch > newest_epoch_;
    newest_epoch_ = entry.epoch;
    auto change = parse_change(newest_.map(), entry.text);
    if (!change) {
        actions_.emplace_back(Warn{unreadable("entry " + entry.id, change.error())});
        return false;
    }
    if (is_first) compare_slots(*change);
    newest_.apply(*change);
    count(*change, now);
    accept(*std::move(change));
    return true;
}

/// The leader's moments hold, but this replica would choose others as leader or standalone.
void ReplicaState::compare_slots(const BoardChange& change) {
    const std::chrono::microseconds slot{change.version};
    // A version is not the beginning of a slot after the leader's clock was set back.
    const bool is_slot = slot % Duration{1} == slot.zero();
    if (role_ != Role::follower || !is_slot) return;
    const auto delay = change.visible_at.time_since_epoch() - slot;
    if (delay == limits_.slots.delay && slot % limits_.slots.length == slot.zero()) return;
    actions_.emplace_back(Warn{"BOARD_SLOT or BOARD_DELAY differs from the leader's"});
}

// Serving.

void ReplicaState::take_snapshot(BoardChange board, Epoch epoch) {
    if (epoch > newest_epoch_) compare_slots(board);
    newest_epoch_ = std::max(newest_epoch_, epoch);
    board.is_snapshot = true;
    unserved_.clear();
    newest_.apply(board);
    accept(std::move(board));
}

void ReplicaState::count(const BoardChange& change, TimePoint now) {
    if (change.visible_at < follows_since_) return;  // read with the snapshot
    ++counts_.taken;
    if (change.visible_at < now) ++counts_.late;
}

void ReplicaState::accept(BoardChange change) {
    version_ = std::max(version_, change.version);
    if (role_ == Role::standalone) {
        own_version_ = change.version;
        common_since_.reset();
    } else if (!common_since_) {
        common_since_ = std::max(change.version, own_version_ + 1);
    }
    unserved_.push_back(std::move(change));
}

void ReplicaState::deliver_due(TimePoint now) {
    while (has_due(now)) {
        actions_.emplace_back(Deliver{std::move(unserved_.front())});
        unserved_.pop_front();
    }
}

}  // namespace kurs
