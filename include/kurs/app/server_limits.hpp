#pragma once

#include "kurs/config/settings.hpp"
#include "kurs/server/limits.hpp"

namespace kurs {

/// What is wanted, as far as so many descriptors allow it beside those of the feeds, which must be able to
/// reconnect whatever the clients do.
server::ServerLimits fit(server::ServerLimits wanted, std::uint64_t descriptors);

/// The settings', fitted to the system's limit of descriptors, which is raised as far as it may be. Says so
/// in the log where it is short.
server::ServerLimits server_limits(const Settings& settings);

}  // namespace kurs
