#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "kurs/board/change_collector.hpp"
#include "kurs/board/pending_changes.hpp"
#include "kurs/copies/copies.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs {

/// What several copies share, put together: this copy's role, the board it writes to while it listens, and
/// the changes on their way to the board that is served.
class Sharing {
public:
    /// Told what was put on the board that is served.
    using ChangeWatch = std::function<void(const BoardChange&)>;

    /// All must outlive it. `served` is written to by this object only.
    Sharing(net::any_io_executor loop, const MarketMap& map, const Clock& clock,
            std::unique_ptr<SharedQueue> queue, Board& served, Duration failback_after,
            ChangeWatch on_change);

    /// Whether this copy is to listen to the venues itself.
    bool is_listening() const { return role_ == Role::leader || role_ == Role::alone; }

    /// A new board to write to, which knows what is served.
    Board& begin_draft();

    // What has changed on the draft.
    void note(const Quote& quote) { changes_.add(quote); }
    void note(const LostDirection& lost) { changes_.add(lost); }
    void note(ActiveChange change) { changes_.add(std::move(change)); }

    /// Serves what is due. To be called before each answer.
    void follow_time(TimePoint now) { pending_.apply_due(served_, now); }

    void stop() { tasks_.stop(); }

    /// To be awaited after `stop`, for at most `limit`: lets another copy lead at once.
    net::awaitable<std::vector<std::string>> end(Duration limit);

private:
    void take(BoardChange change);
    void take_whole(BoardChange whole);
    BoardChange whole() const;

    const MarketMap& map_;
    const Clock& clock_;
    std::unique_ptr<SharedQueue> queue_;
    Board& served_;
    Duration failback_after_;
    ChangeWatch on_change_;
    std::optional<Role> role_;
    std::optional<Board> draft_;
    ChangeCollector changes_;
    PendingChanges pending_;
    Copies copies_;
    TaskGroup tasks_;
};

}  // namespace kurs
