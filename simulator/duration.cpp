#include "duration.hpp"

#include <fmt/format.h>

#include <charconv>

#include "rejected.hpp"

namespace sim {
namespace {

std::int64_t millis_in(std::string_view unit) {
    if (unit == "ms") return 1;
    if (unit == "s") return 1000;
    if (unit == "m") return 60'000;
    if (unit == "h") return 3'600'000;
    return 0;
}

}  // namespace

Millis parse_duration(std::string_view text) {
    constexpr std::int64_t longest = 10'000'000;  // of any unit: far from overflow
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, number);
    const auto unit = millis_in({rest, static_cast<std::size_t>(end - rest)});
    if (failure != std::errc{} || unit == 0 || number < 0 || number > longest)
        throw Rejected(fmt::format("'{}' is not a duration such as 200ms, 20s, 5m or 24h", text));
    return Millis{number * unit};
}

}  // namespace sim
