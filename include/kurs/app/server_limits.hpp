#pragma once

#include "kurs/config/settings.hpp"
#include "kurs/server/limits.hpp"

namespace kurs {

/// The configured limits, reduced to what the file descriptor limit allows. Descriptors are reserved for the
/// feeds, which must be able to reconnect whatever the clients do.
server::ServerLimits fit(server::ServerLimits wanted, std::uint64_t descriptors);

/// The limits from the settings, after raising the system's file descriptor limit as far as allowed. Logs a
/// warning if they had to be reduced.
server::ServerLimits server_limits(const Settings& settings);

}  // namespace kurs
