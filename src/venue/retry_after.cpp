#include "kurs/venue/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

namespace kurs {
namespace {

constexpr Duration longest = std::chrono::hours(1);

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads digits without a sign. None for other characters, no digits or too many.
std::optional<int> parse_number(std::string_view text) {
    int value = 0;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "2026-03-09 03:28:00 +0000". libstdc++ 12 has no std::chrono::parse, so the fields are parsed here.
std::optional<TimePoint> parse_reset_date(std::string_view text) {
    std::istringstream in{std::string(text)};
    int year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0;
    char dash = 0, colon = 0;
    in >> year >> dash >> month >> dash >> day >> hours >> colon >> minutes >> colon >> seconds;
    const auto date = std::chrono::year(year) / month / day;
    if (!in || !date.ok()) return std::nullopt;
    return TimePoint{std::chrono::sys_days(date)} + std::chrono::hours(hours) +
           std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

/// The maximum number of digits of a number of seconds.
bool is_too_large(std::string_view text) {
    return text.size() > 9 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// None for the present and the past, which would mean no wait.
std::optional<Duration> usable(Duration wait) {
    if (wait <= Duration{0}) return std::nullopt;
    return std::min(wait, longest);
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
    constexpr std::string_view shape = "Wed, 21 Oct 2015 07:28:00 GMT";
    if (text.size() != shape.size() || !text.ends_with(" GMT")) return std::nullopt;
    if (text[3] != ',' || text[19] != ':' || text[22] != ':') return std::nullopt;

    const auto month = std::ranges::find(months, text.substr(8, 3));
    const auto day = parse_number(text.substr(5, 2)), year = parse_number(text.substr(12, 4));
    const auto hour = parse_number(text.substr(17, 2)), minute = parse_number(text.substr(20, 2));
    const auto second = parse_number(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

    const std::chrono::year_month_day date{
        std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

std::optional<Duration> parse_retry_after(std::string_view text, TimePoint now) {
    if (is_too_large(text)) return longest;
    if (const auto seconds = parse_number(text)) return usable(std::chrono::seconds{*seconds});
    if (const auto date = parse_http_date(text)) return usable(*date - now);
    return std::nullopt;
}

std::optional<Duration> retry_after(const PollResponse& response, TimePoint now) {
    if (const auto wait = parse_retry_after(response.header("retry-after"), now)) return wait;
    const auto reset_at = parse_reset_date(response.header("x-ratelimit-reset"));
    return reset_at ? usable(*reset_at - now) : std::nullopt;
}

Duration rest_after_refusal(const PollResponse& response, TimePoint now) {
    const bool is_limited = response.status == 429 || response.status == 418;
    const bool is_locked_out = response.status == 401 || response.status == 403;
    const bool is_refused = response.status >= 400 && response.status < 500 && response.status != 408;
    if (const auto asked = retry_after(response, now)) return *asked;
    if (is_limited) return limited_rest;
    // A firewall or a key may recover, and a venue without its listing is not served meanwhile.
    if (is_locked_out) return std::chrono::minutes(1);
    // A blocked region or a wrong path: an early retry cannot help.
    return is_refused ? std::chrono::minutes(5) : Duration{0};
}

}  // namespace kurs
