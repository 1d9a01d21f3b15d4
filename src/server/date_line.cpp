#include "server/date_line.hpp"

#include <array>
#include <cstdio>

namespace kurs::server {

std::string_view DateLine::at(TimePoint now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second == second_) return line_;
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto midnight = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss time(second - midnight);
    std::array<char, 64> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "Date: %s, %02u %s %04d %02d:%02d:%02d GMT\r\n",
                      days[std::chrono::weekday(midnight).c_encoding()], static_cast<unsigned>(date.day()),
                      months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()));
    line_.assign(text.data(), static_cast<std::size_t>(length));
    second_ = second;
    return line_;
}

}  // namespace kurs::server
