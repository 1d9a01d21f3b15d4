#pragma once

#include <random>
#include <string>

#include "coingecko_quotes.hpp"
#include "faults.hpp"

namespace sim {

/// One update of the C1 channel, with keys in random order, in the form that the active faults require.
std::string coingecko_update(const CoinPair& pair, const std::string& price, FaultTable& faults, Instant now,
                             std::mt19937_64& random);

}  // namespace sim
