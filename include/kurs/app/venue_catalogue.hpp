#pragma once

#include <vector>

#include "kurs/config/market_document.hpp"
#include "kurs/config/settings.hpp"

namespace kurs {

/// The venues this build knows, as a market map may name them. A new venue is a folder under venues/, a line
/// here and its feeds in feeds.cpp.
std::vector<VenueRule> known_venues(const Settings& settings);

}  // namespace kurs
