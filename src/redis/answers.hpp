#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kurs/boardlog/log_store.hpp"
#include "redis/connection.hpp"
#include "redis/failure.hpp"

namespace kurs::redis {

inline constexpr auto epoch_key = "kurs:epoch";

/// Makes a read wait for its first entry.
void add_wait(Connection::Words& words, Duration wait);

/// The failure for a text larger than `limit` bytes.
LogFailure too_large(std::size_t limit);

/// The failure for a request with too many items.
LogFailure too_many(std::size_t count);

/// 0 if the text is not an epoch.
Epoch parse_epoch(std::string_view text);
std::string to_string(Epoch epoch);

/// Whether the reply is the number 1 rather than 0.
log_result<bool> is_one(const log_result<Reply>& reply);

/// The result of XREAD or XREADGROUP for one stream; empty after a timeout.
log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply);

/// Ids, each with its fields and values. Entries deleted meanwhile are left out.
log_result<std::vector<StoredEntry>> parse_entries(const Reply& entries);

}  // namespace kurs::redis
