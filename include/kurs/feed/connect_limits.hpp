#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// A bound for each step on the way to a venue.
struct ConnectLimits {
    Duration resolve{10'000};  ///< longer than a resolver waits for a dead nameserver before it asks the next
    Duration connect{5'000};   ///< all addresses together
    Duration tls{5'000};
    Duration upgrade{5'000};  ///< websockets only
};

}  // namespace kurs
