#pragma once

#include "kurs/config/settings.hpp"

namespace kurs {

/// Asks the service with these settings on this host whether it is ready, for a container health check.
/// Prints the reason to standard error if it is not. Returns the exit status: 0 if ready.
int ask_health(const Settings& settings);

}  // namespace kurs
