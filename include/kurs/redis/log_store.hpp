#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "kurs/boardlog/log_store.hpp"
#include "kurs/redis/limits.hpp"

namespace kurs::redis {

/// The store of the board log in Redis 7 or newer, under keys that begin with `kurs:`. Connects on first use
/// and reconnects after a failure; while Redis is unavailable most calls fail at once. If `parse_address`
/// rejects the URL, every call fails with that reason. `replica` is a name that no other replica uses.
std::unique_ptr<LogStore> make_log_store(const net::any_io_executor& loop, const std::string& url,
                                         const std::string& replica, RedisLimits limits = {});

}  // namespace kurs::redis
