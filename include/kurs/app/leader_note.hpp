#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/api/sources.hpp"
#include "kurs/venues/coingecko.hpp"

namespace kurs {

/// What the leader tells the other copies besides the view.
struct LeaderNote {
    TimePoint at{};
    std::vector<api::FeedReport> lines;
    coingecko::Spending spending;
};

std::string to_text(const MarketMap& map, const LeaderNote& note);

/// Nothing if it is malformed. Lines of venues that the map does not name are left out.
std::optional<LeaderNote> parse_leader_note(const MarketMap& map, std::string_view text);

}  // namespace kurs
