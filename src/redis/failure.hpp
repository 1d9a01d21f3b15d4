#pragma once

#include <string_view>

#include "kurs/store/archive.hpp"
#include "redis/reply.hpp"

namespace kurs::redis {

/// "Redis: " and the text, of which no more is shown than a line holds.
StoreFailure failed(std::string_view text);

/// What an answer that is not the expected one means. A password or a right that is missing is permanent.
StoreFailure unexpected(const Reply& reply);

/// Whether the server refuses this connection, whatever it is asked: a new connection may reach another
/// server behind the same name. NOPERM is not among them, as it is about the one command.
bool is_refused_connection(const Reply& reply);

}  // namespace kurs::redis
