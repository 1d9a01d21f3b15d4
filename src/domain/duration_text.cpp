#include "kurs/domain/duration_text.hpp"

#include <array>
#include <charconv>

namespace kurs {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};

constexpr std::array units{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1'000},
                           Unit{"ms", 1}};

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || count < 0 || count > 1'000'000'000) return std::nullopt;
    const std::string_view name(stop, static_cast<std::size_t>(end - stop));
    for (const auto& unit : units) {
        if (unit.name == name) return Duration{count * unit.milliseconds};
    }
    return std::nullopt;
}

std::string to_string(Duration duration) {
    for (const auto& unit : units) {
        if (duration.count() != 0 && duration.count() % unit.milliseconds == 0) {
            return std::to_string(duration.count() / unit.milliseconds) + std::string(unit.name);
        }
    }
    return "0s";
}

}  // namespace kurs
