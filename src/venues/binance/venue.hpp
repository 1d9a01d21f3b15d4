#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::binance {

Venue venue();

}  // namespace kurs::binance
