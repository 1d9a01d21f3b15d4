#include "kurs/venue/retry_after.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace kurs {
namespace {

constexpr Duration longest = std::chrono::hours(1);

std::optional<Duration> read_seconds(std::string_view text) {
  long long seconds = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (text.empty() || error != std::errc{} || stop != end || seconds < 0) return std::nullopt;
  return std::min<Duration>(std::chrono::seconds(std::min<long long>(seconds, 86'400)), longest);
}

/// libstdc++ 12 has no std::chrono::parse, so the fields are read by hand.
std::optional<TimePoint> read_date(std::string_view text) {
  std::istringstream in{std::string(text)};
  int year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0;
  char dash = 0, colon = 0;
  in >> year >> dash >> month >> dash >> day >> hours >> colon >> minutes >> colon >> seconds;
  const auto date = std::chrono::year(year) / month / day;
  if (!in || !date.ok()) return std::nullopt;
  return TimePoint{std::chrono::sys_days(date)} + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
         std::chrono::seconds(seconds);
}

}  // namespace

std::optional<Duration> retry_after(const PollResponse& response, TimePoint now) {
  if (const auto term = read_seconds(response.header("retry-after"))) return term;
  const auto reset_at = read_date(response.header("x-ratelimit-reset"));
  if (!reset_at) return std::nullopt;
  return std::clamp<Duration>(*reset_at - now, Duration{0}, longest);
}

}  // namespace kurs
