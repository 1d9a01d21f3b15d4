#include "server/date_line.hpp"

#include "kurs/api/text.hpp"

namespace kurs::server {

std::string_view DateLine::at(TimePoint now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second == second_) return line_;
    line_ = "Date: " + api::http_date(now) + "\r\n";
    second_ = second;
    return line_;
}

}  // namespace kurs::server
