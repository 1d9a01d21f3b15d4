#pragma once

#include "kurs/venue/venue.hpp"

namespace kurs::kraken {

Venue venue();

}  // namespace kurs::kraken
