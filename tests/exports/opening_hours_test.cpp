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
    EXPECT_EQ(parse_offset("+14:00")->offset_at(midnight), 14h);
    EXPECT_EQ(parse_offset("+12:34")->offset_at(midnight), 12h + 34min);
    EXPECT_EQ(parse_offset("-09:59")->offset_at(midnight), -(9h + 59min));
    for (const auto* text :
         {"", "03:00", "+3:00", "+15:00", "+03:60", "+0300", "Europe/Moscow", "+14:01", "*03:00", "+03.00",
          "+/3:00", "+:3:00", "+0/:00", "+0::00", "+03:/0", "+03::0", "+03:0/", "+03:0:"})
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

/// A block with two transitions, three types, and one record of each kind that is skipped.
std::string full_block(std::chrono::sys_seconds first, int time_size, unsigned char last_type = 2) {
    const auto seconds = static_cast<std::uint64_t>(first.time_since_epoch().count());
    std::string block = "TZif3" + std::string(15, '\0');
    for (const std::uint64_t count : {2U, 3U, 1U, 2U, 3U, 12U}) block += big_endian(count, 4);
    block += big_endian(seconds, time_size) + big_endian(seconds + 3600, time_size);
    block += '\1';
    block += static_cast<char>(last_type);
    for (const std::uint64_t offset : {3600U, 7200U, 10800U})
        block += big_endian(offset, 4) + std::string("\0\0", 2);
    return block + "CET,CEST,MSK" + std::string(static_cast<std::size_t>(time_size) + 4, '\7') +
           std::string(5, '\1');
}

TEST(Zone, SkipsWhatItDoesNotNeedOfItsFile) {
    const auto at = std::chrono::floor<std::chrono::seconds>(midnight);
    const auto blocks = full_block(at, 4) + full_block(at, 8);
    for (const std::string rule : {"", "\nMSK-3\n"}) {
        const auto zone = parse_zone_file(blocks + rule);
        ASSERT_TRUE(zone) << rule;
        EXPECT_EQ(zone->offset_at(midnight - 1ms), 1h);
        EXPECT_EQ(zone->offset_at(midnight + 1h - 1ms), 2h);
        EXPECT_EQ(zone->offset_at(midnight + 1h), 3h);
    }
    EXPECT_EQ(parse_zone_file(blocks + ",").error(), errc::out_of_bounds);
    for (std::size_t size = 0; size < blocks.size(); ++size)
        EXPECT_EQ(parse_zone_file(std::string_view(blocks).substr(0, size)).error(), errc::malformed) << size;
    EXPECT_EQ(parse_zone_file(full_block(at, 4) + full_block(at, 8, 3)).error(), errc::malformed);
}

TEST(Zone, MayHaveARuleIfItsTransitionsReachTheLastYearOfFiles) {
    const std::chrono::sys_seconds last = std::chrono::sys_days(std::chrono::year(2037) / 1 / 1);
    EXPECT_TRUE(parse_zone_file(zone_file(last, "CET-1CEST,M3.5.0,M10.5.0/3")));
    EXPECT_FALSE(parse_zone_file(zone_file(last - 1s, "CET-1CEST,M3.5.0,M10.5.0/3")));
    EXPECT_TRUE(parse_zone_file(zone_file(last, "CET-1")));
}

TEST(Zone, IsRefusedIfItsFileIsOfVersionOne) {
    auto file = zone_file(std::chrono::floor<std::chrono::seconds>(midnight), "");
    file[4] = '1';
    EXPECT_EQ(parse_zone_file(file).error(), errc::malformed);
}

}  // namespace
}  // namespace kurs::exports
