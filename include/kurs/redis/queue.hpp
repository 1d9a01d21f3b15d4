#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "kurs/redis/limits.hpp"
#include "kurs/store/shared_queue.hpp"

namespace kurs::redis {

/// The shared queue in Redis 7 or newer, under keys that begin with `kurs:`. Connects when it is first used,
/// and again after a failure; while Redis is away most calls fail at once. A URL that `parse_address` refuses
/// has every call fail with what it says. `copy` is the name of this copy: no two that run may share one.
std::unique_ptr<SharedQueue> make_shared_queue(const net::any_io_executor& loop, const std::string& url,
                                               const std::string& copy, RedisLimits limits = {});

}  // namespace kurs::redis
