#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/errc.hpp"
#include "kurs/domain/time.hpp"

namespace kurs::exports {

/// The offset of a time zone from UTC.
struct Zone {
    struct Transition {
        std::chrono::sys_seconds at;
        std::chrono::seconds offset{};  ///< from then on
    };

    std::chrono::seconds first_offset{};
    std::vector<Transition> transitions{};  ///< in the order of time

    std::chrono::seconds offset_at(TimePoint time) const;
};

/// Reads "+03:00", "-05:30" or "UTC". Fails with `malformed`.
result<Zone> parse_offset(std::string_view text);

/// Reads the bytes of a file of the IANA time zone database (RFC 9636, version 2 or later). Fails with
/// `malformed`, and with `out_of_bounds` if the file states its later transitions only as a rule.
result<Zone> parse_zone_file(std::string_view bytes);

/// The hours of a day, in local time, in which an item is published.
struct OpeningHours {
    std::chrono::minutes opens{};
    std::chrono::minutes closes{};  ///< before `opens`: on the next day
    Zone zone;
    std::string text;  ///< "09:00-21:00 Europe/Moscow"

    bool is_open(TimePoint time) const;
};

}  // namespace kurs::exports
