#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::bybit {

Venue venue();

}  // namespace kurs::bybit
