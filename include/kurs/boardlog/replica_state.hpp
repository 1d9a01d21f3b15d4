#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/board/change_collector.hpp"
#include "kurs/boardlog/board_log.hpp"
#include "kurs/boardlog/log_store.hpp"
#include "kurs/boardlog/role_policy.hpp"
#include "kurs/boardlog/slots.hpp"

namespace kurs {

struct ReplicaLimits {
    RoleLimits role;
    Slots slots;
    Duration ask_every{500};  ///< interval of lease requests
    Duration snapshot_every{1'000};
    Duration retry_every{200};       ///< before reading again after a failure
    Duration silence{10'000};        ///< no change for longer than this: all replicas had stopped
    Duration most_unserved{10'000};  ///< at most the slots of this time wait to be served; more only if
                                     ///< the leader's clock is far ahead
    Duration notes_every{1'000};
};

// The events. Every request that an action makes is answered by exactly one of these.
namespace log_event {

struct SlotBegan {};

struct TimePassed {};  ///< changes may have become due

struct LeaseGranted {
    Epoch epoch{};
    TimePoint asked_at{};  ///< a lease starts when it was requested
};

struct LeaseRefused {};

struct BoardLoaded {
    std::optional<StoredSnapshot> snapshot;  ///< none: no replica has led yet
    std::vector<StoredEntry> entries;        ///< after the snapshot
};

struct EntriesRead {
    std::vector<StoredEntry> entries;
};

struct AppendAnswered {
    std::optional<std::string> id;  ///< none: refused, because a newer epoch exists
    BoardChange change;
};

enum class Request { lease, read, publish };

struct RequestFailed {
    Request request{};
};

}  // namespace log_event

using LogEvent = std::variant<log_event::SlotBegan, log_event::TimePassed, log_event::LeaseGranted,
                              log_event::LeaseRefused, log_event::BoardLoaded, log_event::EntriesRead,
                              log_event::AppendAnswered, log_event::RequestFailed>;

// The actions. At most one request of each kind (lease, read, publish) is in progress.
namespace log_action {

struct TakeLease {};

struct RenewLease {
    Epoch epoch{};
};

/// Has no answer: the lease ends in any case.
struct ReleaseLease {
    Epoch epoch{};
};

/// Load the snapshot and the entries after it.
struct LoadBoard {};

/// Wait for the entries after this one.
struct ReadEntries {
    std::string after;
};

struct Append {
    Epoch epoch{};
    BoardChange change;
    std::optional<BoardChange> snapshot;  ///< the board as of the change, if it is to be saved
};

/// The change is served from now on.
struct Deliver {
    BoardChange change;
};

struct Warn {
    std::string text;
};

}  // namespace log_action

using LogAction = std::variant<log_action::TakeLease, log_action::RenewLease, log_action::ReleaseLease,
                               log_action::LoadBoard, log_action::ReadEntries, log_action::Append,
                               log_action::Deliver, log_action::Warn>;

/// The state machine of one replica: its role, what it publishes in each slot, what it serves, and how it
/// catches up. Uses no Redis, socket or clock.
///
/// A leader holds the lease and publishes a change in every slot. A follower serves what the leader
/// publishes. A replica that cannot reach Redis is standalone: it listens to the venues and serves its own
/// board, and follows again only after it has caught up with the leader.
class ReplicaState {
public:
    using Actions = std::vector<LogAction>;

    /// `map` must outlive it.
    explicit ReplicaState(const MarketMap& map, ReplicaLimits limits = {});

    Actions step(LogEvent event, TimePoint now);

    /// Adds a change to the next slot that is published. Called on the writer only.
    void write(BoardChange change);

    /// While it is apart, it requests nothing and is standalone.
    void set_apart(bool is_apart) { is_apart_ = is_apart; }
    bool is_apart() const { return is_apart_; }

    /// The lease that this replica holds, if any.
    std::optional<Epoch> lease(TimePoint now) const {
        return policy_.holds_lease(now) ? std::optional(policy_.epoch()) : std::nullopt;
    }

    /// Whether a change is due that has not been delivered.
    bool has_due(TimePoint now) const {
        if (unserved_.empty()) return false;
        const auto most = static_cast<std::size_t>(limits_.most_unserved / limits_.slots.length);
        return unserved_.front().visible_at <= now || unserved_.size() > most;
    }

    /// None until the lease was first requested.
    std::optional<Role> role() const { return role_; }

    /// Of the newest known leader.
    Epoch epoch() const { return std::max(policy_.epoch(), newest_epoch_); }

    EntryCounts counts() const { return counts_; }

    /// The newest known board, including changes that are not served yet.
    BoardChange newest() const { return newest_.snapshot(); }

    /// Whether all replicas have the same board under this version. Other replicas do not know the versions
    /// of a standalone replica.
    bool is_common(std::uint64_t version) const { return common_since_ && version >= *common_since_; }

private:
    friend struct StateDigest;  // of the model checker

    void on(const log_event::SlotBegan& event, TimePoint now);
    void on(const log_event::TimePassed&, TimePoint) {}
    void on(const log_event::LeaseGranted& event, TimePoint now);
    void on(const log_event::LeaseRefused& event, TimePoint now);
    void on(const log_event::BoardLoaded& event, TimePoint now);
    void on(const log_event::EntriesRead& event, TimePoint now);
    void on(log_event::AppendAnswered& event, TimePoint now);
    void on(const log_event::RequestFailed& event, TimePoint now);

    void settle_role(TimePoint now);
    bool publish_slot(TimePoint now);
    void prove_itself(TimePoint now);
    void append(BoardChange change);
    void ask_for_lease(TimePoint now);
    void note_asked(TimePoint now);
    void give_up_lease(TimePoint now);
    void read(TimePoint now);
    void take_over(const log_event::BoardLoaded& loaded, BoardChange board, TimePoint now);
    bool join(const log_event::BoardLoaded& loaded, std::optional<BoardChange> board, TimePoint now);
    void take_snapshot(BoardChange board, Epoch epoch);
    void take_entries(const std::vector<StoredEntry>& entries, TimePoint now);
    bool take(const StoredEntry& entry, TimePoint now);
    void compare_slots(const BoardChange& change);
    void count(const BoardChange& change, TimePoint now);
    void accept(BoardChange change);
    void deliver_due(TimePoint now);
    bool is_writer() const { return role_ == Role::leader || role_ == Role::standalone; }
    bool knows_board() const { return version_ > 0 || has_looked_; }

    const ReplicaLimits limits_;
    RolePolicy policy_;
    std::optional<Role> role_;
    Actions actions_;

    // The board.
    Board newest_;
    std::uint64_t version_ = 0;         ///< of the newest change, from any writer
    std::deque<BoardChange> unserved_;  ///< accepted but not served yet
    std::uint64_t own_version_ = 0;     ///< of the newest change that it made while standalone
    std::optional<std::uint64_t> common_since_;
    EntryCounts counts_;
    TimePoint follows_since_{};  ///< entries due before this were read with the snapshot

    // The lease.
    bool is_apart_ = false;
    bool has_asked_ = false;
    bool is_asking_ = false;
    TimePoint ask_at_{};
    bool has_looked_ = false;  ///< has loaded the last leader's board, as it must before leading

    // Publishing.
    ChangeCollector written_;  ///< since the last slot
    TimePoint slot_{};         ///< the last slot in which something was published
    bool is_publishing_ = false;
    bool must_publish_all_ = true;  ///< it is unknown what the other replicas have
    bool has_own_changes_ = false;  ///< something has changed since this replica became standalone
    TimePoint snapshot_at_{};

    // Reading.
    bool is_reading_ = false;
    bool cannot_read_ = false;  ///< the snapshot is not text that this release reads
    TimePoint read_at_{};
    std::optional<std::string> position_;  ///< id of the last applied entry; none: must load the snapshot
    Epoch newest_epoch_{};                 ///< entries of older epochs are ignored
};

}  // namespace kurs
