#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>

#include "kurs/board/board_change.hpp"
#include "kurs/copies/role_policy.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/store/inbox.hpp"
#include "kurs/store/outbox.hpp"

namespace kurs {

struct RelayLimits {
    std::size_t batch_rows = 300;     ///< of an entry
    std::size_t held_rows = 4'000;    ///< taken from the queue and not written yet
    std::size_t read_entries = 64;    ///< at once
    Duration look_every{200};         ///< for what is to be sent
    Duration check_every{1'000};      ///< what the queue still holds
    Duration read_wait{500};          ///< for new entries
    Duration idle_limit{15'000};      ///< what a copy holds for longer is another's to write
    Duration remembered_for{10'000};  ///< longer than copies take to agree on a new leader
    Duration send_along_for{3'000};  ///< after the lead has changed; until all that was served before is sent
};

/// Takes rows of history by the shared queue to whichever copy writes them, each row once or, where something
/// has failed, more often: writing it again changes nothing.
///
/// Every copy records what is served. The leader sends it to the queue, and keeps it until the queue has been
/// seen without it: whatever ends its lead, it then writes that itself. Followers remember the last seconds,
/// and when the lead changes, all of them send those again: so nothing is lost that died with the old leader,
/// whether the new one was there or has only just started. A copy on its own writes directly.
class HistoryRelay final : public BatchSource {
public:
    /// All must outlive the relay. `can_write` tells whether this copy's archive takes rows; `most_rows` may
    /// wait.
    HistoryRelay(const MarketMap& map, const Clock& clock, SharedQueue& queue, std::size_t most_rows,
                 std::function<bool()> can_write, RelayLimits limits = {});

    void record(const BoardChange& change);

    /// What was recorded before this copy heard of it.
    void note_known(const BoardChange& whole);

    /// The epoch is that of a leader.
    void note_role(Role role, Epoch epoch);

    /// Of the leader that is followed.
    void note_followed(Epoch epoch);

    /// Batches of this leader's that the queue had no room for.
    std::size_t dropped() const { return dropped_in_all_; }

    /// As a follower: what the leader says of `unwritten_since`.
    void note_unwritten_since(TimePoint since) { leader_unwritten_since_ = since; }

    /// All that was recorded before this moment is in the archive, as far as this copy can know.
    TimePoint unwritten_since(TimePoint now) const;

    // Each runs until it is cancelled.
    net::awaitable<void> send();
    net::awaitable<void> receive();

    /// Sends what is left, or leaves it to be written here. To be awaited when the two have ended.
    net::awaitable<void> finish();

    // What this copy is to write itself.
    void close_seconds(TimePoint now) override { direct_.close_seconds(now); }
    const Batch& next(std::size_t most) override;
    void written() override;
    std::size_t waiting() const override { return direct_.waiting() + inbox_.waiting(); }
    std::size_t lost() const override { return recorded_.lost() + direct_.lost(); }

private:
    struct Sent {
        std::string id;
        Batch rows;
    };

    net::awaitable<bool> send_next();
    net::awaitable<void> check_queue();
    net::awaitable<void> acknowledge();
    void note_dropped(std::size_t batches);
    void write_sent_here();
    void write_recorded_here();
    void take(const QueueEntry& entry);

    const MarketMap& map_;
    const Clock& clock_;
    SharedQueue& queue_;
    std::function<bool()> can_write_;
    RelayLimits limits_;
    std::optional<Role> role_;
    Epoch epoch_{};     ///< in which this copy leads, or has led
    Epoch followed_{};  ///< of the newest leader it has followed; none: 0
    TimePoint send_along_until_{};
    Outbox recorded_;
    std::size_t most_sent_;
    std::deque<Sent> sent_;  ///< and not known to be written
    std::size_t sent_rows_ = 0;
    Outbox direct_;
    Inbox inbox_;
    bool is_inbox_next_ = false;  ///< the batch that is being written is of the inbox
    std::vector<std::string> to_acknowledge_;
    std::size_t dropped_ = 0;  ///< batches that the queue had no room for, and that the log was not told of
    std::size_t dropped_in_all_ = 0;
    TimePoint say_dropped_at_{};
    TimePoint check_at_{};
    TimePoint queue_unwritten_since_{};  ///< as the leader: of what the queue held when it was last asked
    TimePoint leader_unwritten_since_{};
};

}  // namespace kurs
