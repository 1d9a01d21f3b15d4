#pragma once

#include <optional>

#include "kurs/venue/poll_session.hpp"

namespace kurs {

/// Reads "Wed, 21 Oct 2015 07:28:00 GMT", the one form of a date that may still be sent (RFC 9110). The day's
/// name is not looked at.
std::optional<TimePoint> parse_http_date(std::string_view text);

/// Reads a Retry-After header: seconds, or a date such as "Wed, 21 Oct 2015 07:28:00 GMT", which is counted
/// from `now`. At most an hour. Zero, a date in the past and anything else are nothing: the caller's own wait
/// holds.
std::optional<Duration> parse_retry_after(std::string_view text, TimePoint now);

/// How long the answer asks to be left alone: `Retry-After`, or `x-ratelimit-reset` with a date
/// such as "2026-03-09 03:28:00 +0000" (seen from CoinGecko), within the same bounds. It adds to the caller's
/// own wait and never shortens it.
std::optional<Duration> retry_after(const PollResponse& response, TimePoint now);

}  // namespace kurs
