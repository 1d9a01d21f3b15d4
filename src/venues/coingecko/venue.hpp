#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::coingecko {

Venue venue();

}  // namespace kurs::coingecko
