#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kurs/boardlog/log_store.hpp"
#include "redis/reply.hpp"

namespace kurs::redis {

/// The failure with this text, cut to the length of a log line.
LogFailure failed(std::string_view text);

/// The failure for an unexpected reply.
LogFailure unexpected(const Reply& reply);

/// Whether the server refuses every command on this connection. A new connection may reach another server
/// behind the same name. NOPERM does not count, as it concerns only one command.
bool is_refused_connection(const Reply& reply);

/// 0 if the text is not an epoch.
Epoch parse_epoch(std::string_view text);

/// Whether the reply is the number 1 rather than 0.
log_result<bool> is_one(const log_result<Reply>& reply);

/// The result of XREAD for one stream; empty after a timeout.
log_result<std::vector<StoredEntry>> parse_reading(const Reply& reply);

}  // namespace kurs::redis
