#pragma once

#include "kurs/app/configuration.hpp"

namespace kurs {

/// Serves until SIGTERM or SIGINT. Returns the exit status: 0 after an orderly stop, 1 if it could not start.
int serve(const Configuration& configuration);

}  // namespace kurs
