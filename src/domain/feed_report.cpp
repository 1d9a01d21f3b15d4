#include "kurs/domain/feed_report.hpp"

#include <algorithm>
#include <array>

namespace kurs {
namespace {

constexpr std::array<std::string_view, 5> names{"waiting", "connecting", "live", "stale", "backing_off"};

}  // namespace

std::string_view to_string(FeedState state) {
    return names.at(static_cast<std::size_t>(state));
}

result<FeedState> parse_feed_state(std::string_view text) {
    const auto* const found = std::ranges::find(names, text);
    if (found == names.end()) return errc::malformed;
    return static_cast<FeedState>(found - names.begin());
}

}  // namespace kurs
