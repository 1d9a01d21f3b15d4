#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "kurs/board/board_change.hpp"
#include "kurs/copies/role_policy.hpp"
#include "kurs/copies/view_pace.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs {

/// What a copy does in its role. All must be set, and none may throw.
struct CopyEvents {
    /// Once for each change of the role. The epoch is that of a leader.
    std::function<void(Role, Epoch)> on_role;

    /// A change to be served, by whomever it was made.
    std::function<void(BoardChange)> on_change;

    /// All that there is to serve, for a copy that begins to follow.
    std::function<void(BoardChange)> on_whole;

    /// To one that is to lead and has served nothing yet: all copies had ended by then.
    std::function<void(TimePoint)> on_earlier_end;

    /// What has changed since the last call, as the leader or alone; it may be empty.
    std::function<BoardChange()> take_change;

    /// All that is served here.
    std::function<BoardChange()> whole;
};

struct CopyLimits {
    RoleLimits role;
    ViewPace pace;
    Duration ask_every{500};  ///< for the lease
    Duration snapshot_every{1'000};
    Duration read_wait{1'000};
    Duration retry_every{200};  ///< after a failure
    Duration silence{10'000};   ///< for longer than this no view was published: all copies had ended
};

/// One copy among several: asks for the lease, publishes as the leader, follows otherwise, and goes on alone
/// while the queue is away.
class Copies {
public:
    /// All must outlive the copy.
    Copies(const MarketMap& map, const Clock& clock, SharedQueue& queue, CopyEvents events,
           CopyLimits limits = {});

    // Each runs until it is cancelled.
    net::awaitable<void> keep_role();
    net::awaitable<void> publish();
    net::awaitable<void> follow();

    /// Lets another copy lead at once. To be awaited when the three have ended.
    net::awaitable<void> leave();

    /// Of the newest leader that is known.
    Epoch newest_epoch() const { return std::max(policy_.epoch(), newest_epoch_); }

private:
    net::awaitable<void> ask_for_lease();
    net::awaitable<void> publish_slot(TimePoint slot);
    net::awaitable<void> publish_change(BoardChange change);
    net::awaitable<void> save_snapshot();
    net::awaitable<bool> begin_to_lead();
    net::awaitable<bool> take_over(const QueueSnapshot& snapshot);
    net::awaitable<bool> begin_to_follow();
    bool place(const std::string& position, bool may);
    net::awaitable<bool> read_on();
    void take_entries(const std::vector<QueueEntry>& entries);
    void take_entry(const QueueEntry& entry);
    void take_whole(BoardChange whole, Epoch epoch);
    void take_change(const QueueEntry& entry);
    void settle_role();
    void note_failure(const StoreFailure& failure);
    bool is_following() const { return role_ == Role::follower; }
    bool knows_view() const { return version_ > 0 || is_informed_; }

    const MarketMap& map_;
    const Clock& clock_;
    SharedQueue& queue_;
    CopyEvents events_;
    CopyLimits limits_;
    RolePolicy policy_;
    bool has_asked_ = false;
    std::optional<Role> role_;   ///< none until the queue was asked for the first time
    std::uint64_t version_ = 0;  ///< of the newest change, by whomever it was made
    bool is_informed_ = false;   ///< has looked what the last leader showed, before leading itself
    bool must_say_all_ = false;  ///< what the followers know is not certain
    std::string appended_id_;    ///< of the last entry that this copy appended as the leader
    TimePoint slot_{};           ///< the last one that was published in
    bool has_own_news_ = false;  ///< something has changed since this copy is alone
    TimePoint snapshot_at_{};
    bool is_placed_ = false;  ///< follows from `position_` on
    std::string position_;    ///< the id of the last entry that is known; empty: before all
    Epoch newest_epoch_{};    ///< of what was read: what comes of an older one is ignored
};

}  // namespace kurs
