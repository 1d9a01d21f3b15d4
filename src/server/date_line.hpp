#pragma once

#include <string>
#include <string_view>

#include "kurs/domain/time.hpp"

namespace kurs::server {

/// The Date header line, rendered at most once a second.
class DateLine {
public:
    /// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n". Valid until the next call.
    std::string_view at(TimePoint now);

private:
    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
    std::string line_;
};

}  // namespace kurs::server
