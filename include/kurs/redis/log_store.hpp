#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "kurs/boardlog/log_store.hpp"

namespace kurs {
class TlsTrust;
}

namespace kurs::redis {

struct RedisLimits {
    Duration connect{1'000};   ///< for name lookup, all addresses and the login together
    Duration command{1'000};   ///< for a reply, in addition to a read's wait for entries
    Duration first_wait{100};  ///< after a failed attempt; doubled with each further one
    Duration longest_wait{1'000};
    std::size_t text_bytes = 512UL * 1024;  ///< of an entry, snapshot or note
    Duration view_kept{60'000};  ///< retention of entries; a replica that joins starts from the snapshot
};

/// The store of the board log in Redis 7 or newer, under keys that begin with `kurs:`. Connects on first use
/// and reconnects after a failure; while Redis is unavailable most calls fail at once. If `parse_address`
/// rejects the URL, every call fails with that reason. `replica` is a name that no other replica uses.
/// `trust` outlives the store; without it, rediss:// fails.
std::unique_ptr<LogStore> make_log_store(const net::any_io_executor& loop, const std::string& url,
                                         const std::string& replica, RedisLimits limits = {},
                                         const TlsTrust* trust = nullptr);

}  // namespace kurs::redis
