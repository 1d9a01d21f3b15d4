#include "kurs/exports/opening_hours.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace kurs::exports {
namespace {

using namespace std::chrono_literals;

/// Of later years, a file with a rule has no transitions.
constexpr auto last_year_of_files = std::chrono::sys_days(std::chrono::year(2037) / 1 / 1);

/// A number of a zone file: big-endian.
template <class Number>
Number read_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char c : bytes.substr(0, sizeof(Number))) number = number << 8 | static_cast<unsigned char>(c);
    return static_cast<Number>(number);
}

/// The header of a data block.
struct Header {
    static constexpr std::size_t size = 44;

    std::size_t utc_count = 0, standard_count = 0, leap_count = 0, time_count = 0, type_count = 0,
                letter_count = 0;

    std::size_t data_size(std::size_t time_size) const {
        return time_count * (time_size + 1) + type_count * 6 + letter_count + leap_count * (time_size + 4) +
               standard_count + utc_count;
    }
};

std::optional<Header> read_header(std::string_view bytes) {
    if (bytes.size() < Header::size || !bytes.starts_with("TZif") || bytes[4] < '2') return std::nullopt;
    const auto count = [&](std::size_t index) {
        return read_number<std::uint32_t>(bytes.substr(20 + 4 * index));
    };
    return Header{count(0), count(1), count(2), count(3), count(4), count(5)};
}

}  // namespace

std::chrono::seconds Zone::offset_at(TimePoint time) const {
    const auto next = std::ranges::upper_bound(transitions, time, {}, &Transition::at);
    return next == transitions.begin() ? first_offset : std::prev(next)->offset;
}

result<Zone> parse_offset(std::string_view text) {
    if (text == "UTC") return Zone{};
    const auto digit = [&](std::size_t at) { return text[at] - '0'; };
    const auto is_digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    const bool is_offset = text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_digit(1) &&
                           is_digit(2) && text[3] == ':' && is_digit(4) && is_digit(5);
    if (!is_offset) return errc::malformed;
    const auto offset =
        std::chrono::hours(digit(1) * 10 + digit(2)) + std::chrono::minutes(digit(4) * 10 + digit(5));
    if (offset > 14h || digit(4) > 5) return errc::malformed;
    return Zone{text[0] == '-' ? -offset : offset, {}};
}

// The first data block repeats the second one with times of 32 bits.
result<Zone> parse_zone_file(std::string_view bytes) {
    const auto first = read_header(bytes);
    if (!first || bytes.size() < Header::size + first->data_size(4)) return errc::malformed;
    bytes.remove_prefix(Header::size + first->data_size(4));
    const auto header = read_header(bytes);
    if (!header || bytes.size() < Header::size + header->data_size(8)) return errc::malformed;

    const auto times = bytes.substr(Header::size);
    const auto types = times.substr(8 * header->time_count);
    const auto offsets = types.substr(header->time_count);
    const auto rule = bytes.substr(Header::size + header->data_size(8));
    const auto offset_of = [&](std::size_t type) {
        return std::chrono::seconds(read_number<std::int32_t>(offsets.substr(6 * type)));
    };
    if (header->type_count == 0) return errc::malformed;
    Zone zone{offset_of(0), {}};
    for (std::size_t i = 0; i < header->time_count; ++i) {
        const auto type = static_cast<unsigned char>(types[i]);
        if (type >= header->type_count) return errc::malformed;
        zone.transitions.push_back(
            {std::chrono::sys_seconds(std::chrono::seconds(read_number<std::int64_t>(times.substr(8 * i)))),
             offset_of(type)});
    }
    const bool has_rule = rule.find(',') != std::string_view::npos;
    const bool is_complete = !zone.transitions.empty() && zone.transitions.back().at >= last_year_of_files;
    if (has_rule && !is_complete) return errc::out_of_bounds;
    return zone;
}

bool OpeningHours::is_open(TimePoint time) const {
    const auto local = time + zone.offset_at(time);
    const auto of_day = local - std::chrono::floor<std::chrono::days>(local);
    if (opens <= closes) return of_day >= opens && of_day < closes;
    return of_day >= opens || of_day < closes;
}

}  // namespace kurs::exports
