#pragma once

#include <optional>

#include "kurs/venue/poll_session.hpp"

namespace kurs {

/// How long the answer asks to be left alone: `Retry-After` in seconds, or `x-ratelimit-reset` with a date
/// such as "2026-03-09 03:28:00 +0000" (seen from CoinGecko). At most an hour; nothing where neither can be
/// read.
std::optional<Duration> retry_after(const PollResponse& response, TimePoint now);

}  // namespace kurs
