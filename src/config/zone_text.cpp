#include "config/zone_text.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

namespace kurs {
namespace {

/// Reads "09:00"; "24:00" is the end of the day.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    const auto is_digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    if (!is_digit(0) || !is_digit(1) || !is_digit(3) || !is_digit(4)) return std::nullopt;
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (minutes > 59 || hours * 60 + minutes > 24 * 60) return std::nullopt;
    return std::chrono::minutes(hours * 60 + minutes);
}

/// "Europe/Moscow", "America/Argentina/Buenos_Aires": no path out of the folder.
bool is_zone_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '+' || c == '/';
    };
    return !text.empty() && text.size() < 64 && text.front() != '/' && std::ranges::all_of(text, is_letter);
}

}  // namespace

result<exports::Zone> parse_zone(const std::string& text) {
    if (const auto zone = exports::parse_offset(text)) return *zone;
    if (!is_zone_name(text)) return errc::malformed;
    std::ifstream file("/usr/share/zoneinfo/" + text, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (!file) return errc::malformed;
    return exports::parse_zone_file(bytes.str());
}

result<exports::OpeningHours> parse_hours(const std::string& text) {
    constexpr std::size_t zone_at = 12;
    if (text.size() <= zone_at || text[5] != '-' || text[zone_at - 1] != ' ') return errc::malformed;
    const auto opens = parse_time_of_day(text.substr(0, 5));
    const auto closes = parse_time_of_day(text.substr(6, 5));
    if (!opens || !closes || *opens == *closes) return errc::malformed;
    auto zone = parse_zone(text.substr(zone_at));
    if (!zone) return zone.error();
    return exports::OpeningHours{*opens, *closes, *std::move(zone), text};
}

}  // namespace kurs
