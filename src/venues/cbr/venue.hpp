#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::cbr {

Venue venue();

}  // namespace kurs::cbr
