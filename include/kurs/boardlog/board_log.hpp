#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "kurs/board/board.hpp"
#include "kurs/boardlog/role_policy.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs {

namespace net = boost::asio;

/// The callbacks of the log. All must be set, and none may throw.
struct BoardLogEvents {
    /// A change that is served from now on. Called in order, once per change.
    std::function<void(const BoardChange&)> on_change;

    /// Called on the replica that runs the feeds when a client of any replica requests this venue by name.
    std::function<void(VenueId)> on_wanted;

    /// The writer's notes to the other replicas; opaque to the log.
    std::function<std::string()> make_note;
    std::function<void(std::string_view)> on_note;
};

/// The entries of the log that this process has received.
struct EntryCounts {
    std::uint64_t taken = 0;
    std::uint64_t late = 0;  ///< after they should have been served
};

/// The state of this process among the replicas.
struct ReplicaStatus {
    std::optional<Role> role;  ///< none until Redis has first replied or failed
    Epoch epoch{};             ///< of the newest known leader
    std::size_t replicas = 1;
    EntryCounts entries;
};

/// The ordered log of board changes, from the process that listens to the venues to every process that
/// serves. Used on the loop only.
class BoardLog {
public:
    virtual ~BoardLog() = default;

    /// Runs until cancelled.
    virtual net::awaitable<void> run() = 0;

    /// True: this process listens to the venues and serves its own board, whatever other replicas do, until
    /// this is called with false. Used by a new configuration until it has shown that it can serve.
    virtual void set_apart(bool is_apart) = 0;

    /// Whether this process listens to the venues and writes changes.
    virtual bool is_writer() const = 0;

    /// The number of processes known to listen to the venues at the same time.
    virtual std::size_t writers() const = 0;

    /// A change that was made at `at`. The log sets version and time of serving. Called by the writer only.
    virtual void append(BoardChange change, TimePoint at) = 0;

    /// The newest known board, including changes that are not served yet.
    virtual BoardChange snapshot() const = 0;

    /// Delivers the changes that are due and returns the present. Call it before the served board is read:
    /// replicas then switch to a version at the same moment, however late their timers fire.
    virtual TimePoint present() = 0;

    /// The delay between appending and serving a change.
    virtual Duration delay() const = 0;

    /// A client of this process requests the venue by name.
    virtual void want(VenueId venue) = 0;

    /// Whether every replica has served, or will serve, the same board under this version.
    virtual bool is_common(std::uint64_t version) const = 0;

    /// Empty without Redis.
    virtual std::optional<ReplicaStatus> status() const = 0;

    /// Ends all tasks within the limit and lets another replica write. Called after `run` was cancelled
    /// and the writer has stopped. False: some tasks did not end.
    virtual net::awaitable<bool> close(Duration limit) = 0;
};

}  // namespace kurs
