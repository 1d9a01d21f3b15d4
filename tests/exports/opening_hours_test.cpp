#include "kurs/exports/opening_hours.hpp"

#include <gtest/gtest.h>

namespace kurs::exports {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint midnight = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1);

std::string big_endian(std::uint64_t number, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> 8 * i & 0xff);
    return text;
}

/// A file of version 2 with one transition, to daylight saving time.
std::string zone_file(std::chrono::sys_seconds at, std::string_view rule) {
    const std::string start = std::string("TZif2") + std::string(15, '\0');
    const auto counts = [](unsigned times, unsigned types, unsigned letters) {
        return big_endian(0, 4) + big_endian(0, 4) + big_endian(0, 4) + big_endian(times, 4) +
               big_endian(types, 4) + big_endian(letters, 4);
    };
    const auto empty =
        start + counts(0, 1, 1) + big_endian(0, 4) + std::string(2, '\0') + std::string(1, '\0');
    const auto types =
        big_endian(3600, 4) + std::string("\0\0", 2) + big_endian(7200, 4) + std::string("\1\4", 2);
    return empty + start + counts(1, 2, 9) +
           big_endian(static_cast<std::uint64_t>(at.time_since_epoch().count()), 8) + '\1' + types +
           std::string("CET\0CEST\0", 9) + "\n" + std::string(rule) + "\n";
}

TEST(OpeningHours, EndAtTheirLastMinute) {
    const OpeningHours hours{9h, 21h, Zone{3h, {}}, ""};
    EXPECT_FALSE(hours.is_open(midnight + 6h - 1ms));
    EXPECT_TRUE(hours.is_open(midnight + 6h));
    EXPECT_TRUE(hours.is_open(midnight + 18h - 1ms));
    EXPECT_FALSE(hours.is_open(midnight + 18h));
}

TEST(OpeningHours, MayPassMidnight) {
    const OpeningHours hours{21h, 9h, Zone{}, ""};
    EXPECT_TRUE(hours.is_open(midnight));
    EXPECT_FALSE(hours.is_open(midnight + 9h));
    EXPECT_TRUE(hours.is_open(midnight + 21h));
    const OpeningHours whole_day{0h, 24h, Zone{-5h, {}}, ""};
    EXPECT_TRUE(whole_day.is_open(midnight) && whole_day.is_open(midnight + 24h - 1ms));
}

TEST(Zone, IsAnOffset) {
    EXPECT_EQ(parse_offset("+03:00")->offset_at(midnight), 3h);
    EXPECT_EQ(parse_offset("-05:30")->offset_at(midnight), -(5h + 30min));
    EXPECT_EQ(parse_offset("UTC")->offset_at(midnight), 0h);
    for (const auto* text : {"", "03:00", "+3:00", "+15:00", "+03:60", "+0300", "Europe/Moscow"})
        EXPECT_EQ(parse_offset(text).error(), errc::malformed) << text;
}

TEST(Zone, FollowsTheTransitionsOfItsFile) {
    const auto at = std::chrono::floor<std::chrono::seconds>(midnight);
    const auto zone = parse_zone_file(zone_file(at, "CET-1"));
    ASSERT_TRUE(zone);
    EXPECT_EQ(zone->offset_at(midnight - 1ms), 1h);
    EXPECT_EQ(zone->offset_at(midnight), 2h);
}

TEST(Zone, IsRefusedIfItsFileEndsWithARule) {
    constexpr std::string_view rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    const auto now = std::chrono::floor<std::chrono::seconds>(midnight);
    EXPECT_EQ(parse_zone_file(zone_file(now, rule)).error(), errc::out_of_bounds);
    const std::chrono::sys_seconds far = std::chrono::sys_days(std::chrono::year(2037) / 10 / 25);
    EXPECT_TRUE(parse_zone_file(zone_file(far, rule)));
}

TEST(Zone, IsRefusedIfItsFileIsCutOff) {
    const auto whole = zone_file(std::chrono::floor<std::chrono::seconds>(midnight), "");
    for (std::size_t size = 0; size < whole.size() - 2; ++size)
        EXPECT_EQ(parse_zone_file(std::string_view(whole).substr(0, size)).error(), errc::malformed) << size;
}

}  // namespace
}  // namespace kurs::exports
