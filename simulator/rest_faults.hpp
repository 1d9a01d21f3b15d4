#pragma once

#include <optional>

#include "faults.hpp"
#include "http_message.hpp"

namespace sim {

/// Replies as Binance documents them for a status. 429 and 418 name seconds to wait.
Reply binance_status_reply(unsigned status, Instant now);
/// 429 comes in several shapes: "status", "ratelimit_reset", "throttled", "html", "empty".
Reply coingecko_status_reply(unsigned status, std::string_view shape, Instant now);

/// Puts the faults of a REST endpoint over its regular reply.
Reply with_rest_faults(FaultTable& faults, Endpoint endpoint, Reply regular, Instant now);

}  // namespace sim
