#pragma once

#include "kurs/http/server.hpp"

namespace kurs {

/// As many connections as the system's limit of descriptors leaves room for beside the feeds', which must be
/// able to reconnect whatever the clients do. Raises the limit as far as it may be, and says so in the log
/// where it is short.
http::ServerLimits server_limits();

}  // namespace kurs
