#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::coinbase {

Venue venue();

}  // namespace kurs::coinbase
