#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/time.hpp"
#include "kurs/store/archive.hpp"

namespace kurs {

namespace net = boost::asio;

/// Tells the leaders apart: each taking of the lease makes a larger one, so that what an earlier leader still
/// sends can be told and refused. Larger also after the queue has lost what it held, hence no small numbers.
enum class Epoch : std::uint64_t {};

/// What a leader appended. Ids grow.
struct QueueEntry {
    std::string id;
    Epoch epoch{};  ///< 0: not one of ours, and nothing but the id is known
    std::string text;
    std::string
        after;  ///< of the view: the id of the entry before it, whoever appended that; empty: the first
};

/// All that the queue's entries up to `id` amount to.
struct QueueSnapshot {
    std::string id;
    Epoch epoch{};
    std::string text;
};

/// What the copies share: the lease of the leader and the queue of its view. Used on the loop; every call
/// ends within a bound, and at once when it is cancelled. A failure means that the queue is away: then
/// nothing is known of whether what was asked was done. No call may be under way when it is destroyed.
class SharedQueue {
public:
    template <class T>
    using Answer = net::awaitable<store_result<T>>;

    virtual ~SharedQueue() = default;

    // The lease.

    /// Takes it if nobody holds it. Returns the new epoch, or nothing.
    virtual Answer<std::optional<Epoch>> take_lease(Duration lease) = 0;

    /// Has it last for so long from now on. False: it is no longer held in this epoch.
    virtual Answer<bool> renew_lease(Epoch epoch, Duration lease) = 0;

    /// Lets another copy take it at once. False: it was no longer held in this epoch.
    virtual Answer<bool> release_lease(Epoch epoch) = 0;

    // The view. Writes of an epoch that is not the newest are refused: nothing, or false.

    /// Returns the entry's id.
    virtual Answer<std::optional<std::string>> append_view(Epoch epoch, std::string text) = 0;
    virtual Answer<bool> save_snapshot(QueueSnapshot snapshot) = 0;
    virtual Answer<std::optional<QueueSnapshot>> load_snapshot() = 0;

    /// The entries after `id` that are kept, oldest first, at most some hundred; waits for the first up to
    /// `wait`. An empty id is before all. What was missed in between shows in the first one's `after`. One
    /// call at a time.
    virtual Answer<std::vector<QueueEntry>> read_view(std::string id, Duration wait) = 0;

    // Notes: small texts that copies leave for each other.

    /// Replaces the note of that name, for as long as it is `kept`.
    virtual Answer<bool> leave_note(std::string name, std::string text, Duration kept) = 0;

    /// In the order of their names; empty where there is none.
    virtual Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) = 0;

    /// Says that this copy runs. Returns how many have said so in the last ten seconds, this one included.
    virtual Answer<std::size_t> check_in() = 0;

    /// Whatever is under way fails, and whatever is asked from here on: so that the loop can run out of work.
    virtual void close() = 0;
};

}  // namespace kurs
