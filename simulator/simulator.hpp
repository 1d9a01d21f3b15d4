#pragma once

#include "options.hpp"

namespace sim {

/// Assembles everything and serves until SIGTERM or SIGINT. Prints the line of endpoints once all ports are
/// open. Throws Rejected for a capture that cannot be read, std::exception for a port that cannot be had.
void run_simulator(const Options& options);

}  // namespace sim
