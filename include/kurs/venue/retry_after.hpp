#pragma once

#include <optional>

#include "kurs/venue/poll_session.hpp"

namespace kurs {

/// Reads "Wed, 21 Oct 2015 07:28:00 GMT", the only date format that RFC 9110 lets senders generate. The name
/// of the day is ignored.
std::optional<TimePoint> parse_http_date(std::string_view text);

/// Reads a Retry-After header: seconds, or a date such as "Wed, 21 Oct 2015 07:28:00 GMT", relative to `now`.
/// At most an hour. None for zero, a past date and any other text; the caller's own wait then applies.
std::optional<Duration> parse_retry_after(std::string_view text, TimePoint now);

/// The wait that the response requests: `Retry-After`, or `x-ratelimit-reset` with a date such as "2026-03-09
/// 03:28:00 +0000" (seen from CoinGecko), within the same limits. It extends the caller's own wait and never
/// shortens it.
std::optional<Duration> retry_after(const PollResponse& response, TimePoint now);

/// The shortest wait after a limit that names no other.
constexpr Duration limited_rest = std::chrono::seconds(15);

/// The shortest wait after a response with an error status: what it requests, else what its status suggests.
Duration rest_after_refusal(const PollResponse& response, TimePoint now);

}  // namespace kurs
