#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// A bound for each step on the way to a venue.
struct ConnectLimits {
    Duration resolve{5'000};
    Duration connect{5'000};  ///< all addresses together
    Duration tls{5'000};
    Duration upgrade{5'000};  ///< websockets only
};

}  // namespace kurs
