#include "venues/cbr/calendar.hpp"

#include <gtest/gtest.h>

#include "venues/cbr/venue.hpp"

namespace kurs::cbr {
namespace {

using namespace std::chrono;

/// A time of day in Moscow.
TimePoint moscow(year_month_day day, int hour, int minute = 0) {
    return TimePoint{sys_days(day)} + hours(hour - 3) + minutes(minute);
}

TEST(CbrCalendar, KnowsTheDaysOffOf2026) {
    const std::vector<month_day> weekdays_off{
        January / 1,   January / 2, January / 5, January / 6, January / 7, January / 8,  January / 9,
        February / 23, March / 9,   May / 1,     May / 11,    June / 12,   November / 4, December / 31};
    std::vector<month_day> found;
    for (auto day = sys_days(2026y / January / 1); day < sys_days(2027y / January / 1); day += days(1)) {
        const year_month_day date(day);
        const bool is_weekend = weekday(day) == Saturday || weekday(day) == Sunday;
        if (!is_weekend && !is_working_day(day)) found.push_back(date.month() / date.day());
        EXPECT_FALSE(is_weekend && is_working_day(day));
    }
    EXPECT_EQ(found, weekdays_off);
}

TEST(CbrCalendar, MovesAHolidayOnAWeekendToMondayInAnyYear) {
    for (const auto day : {2027y / May / 3, 2027y / May / 10, 2027y / June / 14, 2030y / February / 25})
        EXPECT_FALSE(is_working_day(day)) << unsigned(day.month());
    EXPECT_TRUE(is_working_day(2028y / January / 10)) << "January is moved by decree only";
}

TEST(CbrCalendar, ExpectsAPublicationOnTheNextWorkingDay) {
    const auto friday = 2026y / November / 27, monday = 2026y / November / 30;
    EXPECT_EQ(next_publication(moscow(friday, 17, 59)), moscow(friday, 18));
    EXPECT_EQ(next_publication(moscow(friday, 18)), moscow(monday, 18));
    EXPECT_EQ(next_publication(moscow(monday, 0)), moscow(monday, 18));
    EXPECT_EQ(next_publication(moscow(2025y / December / 30, 19)), moscow(2026y / January / 12, 18));
    EXPECT_EQ(next_publication(moscow(2026y / May / 8, 19)), moscow(2026y / May / 12, 18));
}

TEST(CbrCalendar, TheMarketIsOpenOnWorkingDays) {
    const auto friday = 2026y / November / 27;
    EXPECT_FALSE(is_market_open(moscow(friday, 9, 59)));
    EXPECT_TRUE(is_market_open(moscow(friday, 10)));
    EXPECT_TRUE(is_market_open(moscow(friday, 18, 59)));
    EXPECT_FALSE(is_market_open(moscow(friday, 19)));
    EXPECT_FALSE(is_market_open(moscow(2026y / November / 28, 12)));
    EXPECT_FALSE(is_market_open(moscow(2026y / May / 11, 12)));
}

/// A rate is dated the day after its publication, and may be confirmed until 36 h after the next one.
TEST(CbrCalendar, TheDefaultAgeLimitCoversTheLongestHolidays) {
    SettingValues values;
    for (const auto& setting : venue().settings) values.set(setting.name, std::string(setting.default_value));
    const auto confirmed_within = values.duration("CBR_CONFIRMED_WITHIN");
    Duration longest{};
    for (auto at = next_publication(moscow(2025y / December / 1, 0)); at < moscow(2051y / January / 1, 0);) {
        const auto since = floor<days>(at) + days(1) - hours(3);
        at = next_publication(at);
        longest = std::max(longest, Duration(at + confirmed_within - since));
    }
    EXPECT_EQ(longest, hours(14 * 24 + 6)) << "the New Year of 2026";
    EXPECT_GE(values.duration("CBR_MAX_AGE"), longest);
}

}  // namespace
}  // namespace kurs::cbr
