#pragma once

#include <memory>
#include <set>

#include "kurs/boardlog/board_log.hpp"
#include "kurs/boardlog/log_store.hpp"
#include "kurs/boardlog/replica_state.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {

/// The log that replicas share through a store. ReplicaState decides; this class carries out its actions.
class SharedBoardLog final : public BoardLog {
public:
    /// `map`, `clock` and `served` must outlive it. Only the log may change `served`.
    SharedBoardLog(net::any_io_executor loop, const MarketMap& map, const Clock& clock,
                   std::unique_ptr<LogStore> store, Board& served, BoardLogEvents events,
                   ReplicaLimits limits = {});

    net::awaitable<void> run() override;
    void set_apart(bool is_apart) override { state_.set_apart(is_apart); }
    bool is_writer() const override;
    std::size_t writers() const override;
    void append(BoardChange change, TimePoint) override { state_.write(std::move(change)); }
    BoardChange snapshot() const override { return state_.newest(); }
    TimePoint present() override;
    Duration delay() const override { return limits_.slots.lead(); }
    void want(VenueId venue) override;
    bool is_common(std::uint64_t version) const override { return state_.is_common(version); }
    std::optional<ReplicaStatus> status() const override;
    net::awaitable<bool> close(Duration limit) override;

private:
    void step(LogEvent event);
    void step(LogEvent event, TimePoint now);
    void perform(LogAction action);

    net::awaitable<void> take_lease();
    net::awaitable<void> renew_lease(Epoch epoch);
    net::awaitable<void> release_lease(Epoch epoch);
    net::awaitable<void> load_board();
    net::awaitable<void> read_entries(std::string after);
    net::awaitable<void> append_entry(log_action::Append entry);
    void fail(log_event::Request request, const LogFailure& failure);

    net::awaitable<void> exchange_notes();
    net::awaitable<bool> read_leader_note();
    net::awaitable<void> leave_leader_note();
    net::awaitable<void> read_wanted();
    net::awaitable<void> tell_wanted();

    const MarketMap& map_;
    const Clock& clock_;
    std::unique_ptr<LogStore> store_;
    Board& served_;
    BoardLogEvents events_;
    ReplicaLimits limits_;
    ReplicaState state_;
    std::optional<Role> logged_role_;
    std::set<VenueId> wanted_;  ///< requested by clients of this replica; the leader does not know yet
    std::size_t replicas_ = 1;
    bool is_closed_ = false;
    Epoch note_epoch_{};  ///< as the leader of this epoch it has read the note of earlier leaders
    TaskGroup requests_;
};

}  // namespace kurs
