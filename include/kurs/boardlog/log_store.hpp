#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kurs/boardlog/role_policy.hpp"

namespace kurs {

namespace net = boost::asio;

/// Why a request to the store failed.
struct LogFailure {
    std::string text;  ///< for the log; contains no secrets
};

template <class T>
using log_result = boost::system::result<T, LogFailure>;

[[noreturn]] inline void throw_exception_from_error(const LogFailure& failure,
                                                    const boost::source_location& where) {
    throw std::logic_error("unchecked failure '" + failure.text + "' at " + where.to_string());
}

/// An entry as the leader appended it. Ids increase.
struct StoredEntry {
    std::string id;
    Epoch epoch{};  ///< 0: not an entry of this service
    std::string text;
    std::string after;  ///< the id of the preceding entry; empty for the first
};

/// The board as of the entry `id`.
struct StoredSnapshot {
    std::string id;
    Epoch epoch{};
    std::string text;
};

/// The store that replicas share: a lease, entries, a snapshot and notes. Used on the loop only. Every call
/// has a time limit, and ends at once when cancelled. After a failure it is unknown whether the request was
/// carried out. No call may be in progress when the store is destroyed.
class LogStore {
public:
    template <class T>
    using Answer = net::awaitable<log_result<T>>;

    /// Limit of entries per reply: entries of the largest size still fit into a reply.
    static constexpr std::size_t most_entries = 100;

    virtual ~LogStore() = default;

    /// Takes the lease if it is free. Returns the new epoch, or nothing.
    virtual Answer<std::optional<Epoch>> take_lease(Duration lease) = 0;

    /// Extends the lease to `lease` from now. False: this epoch no longer holds it.
    virtual Answer<bool> renew_lease(Epoch epoch, Duration lease) = 0;

    /// Releases the lease, so that another replica can take it at once. False: this epoch no longer held it.
    virtual Answer<bool> release_lease(Epoch epoch) = 0;

    /// Returns the entry's id; nothing: refused, because there is a newer epoch. Fails if the log has an
    /// entry of this or a larger version: a request that is carried out late changes nothing. Replaces the
    /// snapshot unless `snapshot`, the board as of this entry, is empty.
    virtual Answer<std::optional<std::string>> append(Epoch epoch, std::uint64_t version, std::string text,
                                                      std::string snapshot = {}) = 0;

    virtual Answer<std::optional<StoredSnapshot>> load_snapshot() = 0;

    /// The retained entries after `id`, oldest first, at most `most_entries`. Waits up to `wait` for the
    /// first one. An empty id reads from the beginning. A gap is visible in the first entry's `after`. One
    /// call at a time.
    virtual Answer<std::vector<StoredEntry>> read_entries(std::string id, Duration wait) = 0;

    /// Replaces the note of that name. It expires after `kept`.
    virtual Answer<bool> leave_note(std::string name, std::string text, Duration kept) = 0;

    /// In the order of `names`; empty where there is no note.
    virtual Answer<std::vector<std::string>> read_notes(std::vector<std::string> names) = 0;

    /// Registers this replica. Returns the number of replicas that registered in the last ten seconds,
    /// including this one.
    virtual Answer<std::size_t> check_in() = 0;

    /// Makes current and later calls fail, so that the loop can run out of work.
    virtual void close() = 0;
};

}  // namespace kurs
