#pragma once

#include "kurs/domain/time.hpp"

// When the Bank of Russia publishes official rates. An error of the calendar matters only while the bank is
// unreachable: a day off that is not known makes its last rate stale a day early.
namespace kurs::cbr {

inline constexpr Duration moscow_ahead_of_utc = std::chrono::hours(3);

/// Whether `day` is a working day in Russia. A Saturday that a decree made a working day does not count.
bool is_working_day(std::chrono::sys_days day);

/// The first publication expected after a time. Rates are set as of 15:30 Moscow time on each working day for
/// the days from the next one to the next working day, and are expected on the site by 18:00.
TimePoint next_publication(TimePoint after);

/// Whether the main session of Moscow's currency market is on: working days, 10:00 to 19:00.
bool is_market_open(TimePoint now);

}  // namespace kurs::cbr
