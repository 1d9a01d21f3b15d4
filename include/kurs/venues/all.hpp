#pragma once

#include <vector>

#include "kurs/venue/venue.hpp"

namespace kurs {

/// The venues of this build, in the order of their settings in lists.
const std::vector<Venue>& all_venues();

}  // namespace kurs
