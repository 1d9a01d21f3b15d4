#include "venues/cbr/calendar.hpp"

#include <algorithm>
#include <array>

namespace kurs::cbr {
namespace {

using namespace std::chrono;

constexpr Duration published_by = hours(18);
constexpr Duration opens_at = hours(10);
constexpr Duration closes_at = hours(19);

/// Labour Code of the Russian Federation, article 112: non-working holidays.
constexpr std::array holidays{January / 1, January / 2, January / 3, January / 4,   January / 5,
                              January / 6, January / 7, January / 8, February / 23, March / 8,
                              May / 1,     May / 9,     June / 12,   November / 4};

/// Days off that the government moved here from a weekend in January: the decrees for 2025 and 2026. The
/// decree for a year is issued in the autumn before it; add its days.
constexpr std::array days_off{2025y / December / 31, 2026y / January / 9, 2026y / December / 31};

bool is_holiday(year_month_day day) {
    return std::ranges::find(holidays, day.month() / day.day()) != holidays.end();
}

/// A day off that coincides with a holiday moves to the next working day (article 112). Those in January are
/// moved by decree.
bool is_moved_here(sys_days day) {
    if (weekday(day) != Monday) return false;
    return std::ranges::any_of(std::array{day - days(1), day - days(2)}, [](sys_days weekend) {
        const year_month_day date(weekend);
        return date.month() != January && is_holiday(date);
    });
}

}  // namespace

bool is_working_day(sys_days day) {
    const year_month_day date(day);
    const bool is_weekend = weekday(day) == Saturday || weekday(day) == Sunday;
    return !is_weekend && !is_holiday(date) && !is_moved_here(day) &&
           std::ranges::find(days_off, date) == days_off.end();
}

TimePoint next_publication(TimePoint after) {
    const auto local = after + moscow_ahead_of_utc;
    auto day = floor<days>(local);
    if (local >= day + published_by) day += days(1);
    while (!is_working_day(day)) day += days(1);
    return TimePoint{day} + published_by - moscow_ahead_of_utc;
}

bool is_market_open(TimePoint now) {
    const auto local = now + moscow_ahead_of_utc;
    const auto day = floor<days>(local);
    return is_working_day(day) && local >= day + opens_at && local < day + closes_at;
}

}  // namespace kurs::cbr
