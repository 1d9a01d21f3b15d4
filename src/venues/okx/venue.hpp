#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::okx {

Venue venue();

}  // namespace kurs::okx
