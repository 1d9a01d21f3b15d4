#pragma once

#include "kurs/domain/time.hpp"

namespace kurs {

/// Timeouts of the steps of a connection attempt.
struct ConnectLimits {
    Duration resolve{10'000};    ///< longer than the resolver's timeout for a dead nameserver
    Duration connect{5'000};     ///< for all addresses together
    Duration next_address{250};  ///< after which the next address is tried as well (RFC 8305)
    Duration proxy{5'000};       ///< the proxy's answer, which includes its own connection
    Duration tls{5'000};
    Duration upgrade{5'000};  ///< websockets only
};

}  // namespace kurs
