#pragma once

#include <string_view>

#include "kurs/boardlog/log_store.hpp"
#include "redis/reply.hpp"

namespace kurs::redis {

/// "Redis: " and the text, cut to the length of a log line.
LogFailure failed(std::string_view text);

/// The failure for an unexpected reply. A wrong password or a missing permission is permanent.
LogFailure unexpected(const Reply& reply);

/// Whether the server refuses every command on this connection. A new connection may reach another server
/// behind the same name. NOPERM does not count, as it concerns only one command.
bool is_refused_connection(const Reply& reply);

}  // namespace kurs::redis
