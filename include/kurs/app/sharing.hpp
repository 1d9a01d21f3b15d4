#pragma once

#include <optional>

#include "kurs/app/correspondence.hpp"
#include "kurs/app/history.hpp"
#include "kurs/board/change_collector.hpp"
#include "kurs/board/pending_changes.hpp"
#include "kurs/copies/copies.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {

/// What the other copies are told, and tell. All must be set.
struct PeerEvents {
    std::function<std::vector<api::FeedReport>()> lines;
    std::function<void(VenueId, TimePoint)> on_pinned;  ///< clients of other copies name it
};

/// What several copies share, put together: this copy's role, the board it writes to while it listens, the
/// changes on their way to the board that is served, and what copies tell each other besides.
class Sharing {
public:
    /// All must outlive it. `served` is written to by this object only.
    Sharing(net::any_io_executor loop, const MarketMap& map, const Clock& clock, SharedQueue& queue,
            Board& served, Duration failback_after, History& history, coingecko::Spending& spending,
            PeerEvents events);

    /// Whether this copy is to listen to the venues itself.
    bool is_listening() const { return role_ == Role::leader || role_ == Role::alone; }

    /// A new board to write to while this copy listens, which knows what is served and what will be.
    Board& begin_draft();
    void end_draft() { draft_.reset(); }

    // What has changed on the draft.
    void note(const Quote& quote) { changes_.add(quote); }
    void note(const LostDirection& lost) { changes_.add(lost); }
    void note(ActiveChange change) { changes_.add(std::move(change)); }

    /// Serves what is due. To be called before each answer.
    void follow_time(TimePoint now) { pending_.apply_due(served_, now); }

    /// A client of this copy asked for this exchanger by name.
    void note_pinned(VenueId venue, TimePoint now) { correspondence_.note_pinned(venue, now); }

    /// How it stands with the feeds of the leader.
    const std::vector<api::FeedReport>& leader_lines() const { return leader_lines_; }

    /// Whether what this copy has served under this version, or will, is what the others have.
    bool is_shared(std::uint64_t version) const { return shared_since_ && version >= *shared_since_; }

    /// None until Redis was asked for the first time.
    std::optional<Role> role() const { return role_; }
    Epoch epoch() const { return copies_.newest_epoch(); }
    std::size_t copies() const { return correspondence_.copies(); }

    /// Ends what runs, within the limit, and returns what has not. To be awaited once.
    net::awaitable<std::vector<std::string>> stop(Duration limit);

    /// Lets another copy lead at once. To be awaited after `stop`.
    net::awaitable<void> leave();

private:
    void note_role(Role role);
    void note_earlier_end(TimePoint end);
    void take(LeaderNote note);
    void take(BoardChange change);
    void take_whole(BoardChange whole);
    void note_version(std::uint64_t version);
    void serve(BoardChange change);
    Board newest() const;
    BoardChange whole() const;
    LeaderNote leader_note() const;

    const MarketMap& map_;
    const Clock& clock_;
    SharedQueue& queue_;
    Board& served_;
    Duration failback_after_;
    History& history_;
    coingecko::Spending& spending_;
    PeerEvents events_;
    std::optional<Role> role_;
    std::optional<Board> draft_;
    ChangeCollector changes_;
    PendingChanges pending_;
    std::optional<std::uint64_t> shared_since_;  ///< the first version of this copy that all have
    std::vector<api::FeedReport> leader_lines_;
    Copies copies_;
    Correspondence correspondence_;
    TaskGroup tasks_;
};

}  // namespace kurs
