#pragma once

#include <functional>
#include <optional>

#include "kurs/app/configuration.hpp"

namespace kurs {

/// Reads the configuration once more. Logs all problems; empty if there was any.
using ReadConfiguration = std::function<std::optional<Configuration>()>;

/// Serves until SIGTERM or SIGINT. SIGHUP replaces the configuration by the one that `read_configuration`
/// returns, without closing a connection; one that is invalid, or that does not serve what the current one
/// does, is rejected. Returns the exit status: 0 after an orderly stop, 1 if it could not start.
int serve(Configuration configuration, ReadConfiguration read_configuration);

}  // namespace kurs
