#pragma once

#include "kurs/config/settings.hpp"

namespace kurs {

/// Asks the service that runs on this machine with these settings whether it is ready, for a container's
/// health check. Says on standard error why it is not. Returns the exit status: 0 if it is.
int ask_health(const Settings& settings);

}  // namespace kurs
