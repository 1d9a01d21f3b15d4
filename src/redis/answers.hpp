#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kurs/store/shared_queue.hpp"
#include "redis/connection.hpp"
#include "redis/failure.hpp"

namespace kurs::redis {

inline constexpr auto epoch_key = "kurs:epoch";

/// Has a reading wait for its first entry.
void add_wait(Connection::Words& words, Duration wait);

/// Why a text of more than `limit` bytes was not sent.
StoreFailure too_large(std::size_t limit);

/// Why so many were not asked for at once.
StoreFailure too_many(std::size_t count);

/// 0 where it is none.
Epoch parse_epoch(std::string_view text);
std::string to_string(Epoch epoch);

/// Whether the answer is the number 1 rather than 0.
store_result<bool> is_one(const store_result<Reply>& reply);

/// What XREAD and XREADGROUP give of one stream; nothing where they waited in vain.
store_result<std::vector<QueueEntry>> parse_reading(const Reply& reply);

/// Ids, each with its fields and their values. What has been deleted meanwhile is left out.
store_result<std::vector<QueueEntry>> parse_entries(const Reply& entries);

}  // namespace kurs::redis
