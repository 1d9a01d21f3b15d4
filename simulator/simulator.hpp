#pragma once

#include "options.hpp"

namespace sim {

/// Assembles everything and serves until SIGTERM or SIGINT. Prints the line of endpoints when all ports are
/// open. Throws Rejected for an invalid capture, std::exception for a port that cannot be opened.
void run_simulator(const Options& options);

}  // namespace sim
