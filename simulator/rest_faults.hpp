#pragma once

#include <optional>

#include "faults.hpp"
#include "http_message.hpp"

namespace sim {

/// Replies as Binance documents them for a status. 429 and 418 include the seconds to wait.
Reply binance_status_reply(unsigned status, Instant now);
/// 429 has several forms: "status", "ratelimit_reset", "throttled", "html", "empty".
Reply coingecko_status_reply(unsigned status, std::string_view shape, Instant now);

/// Applies the faults of a REST endpoint to its regular reply.
Reply with_rest_faults(FaultTable& faults, Endpoint endpoint, Reply regular, Instant now);

}  // namespace sim
