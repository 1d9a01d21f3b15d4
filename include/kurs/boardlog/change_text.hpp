#pragma once

#include <string>
#include <string_view>

#include "kurs/board/board_change.hpp"

// The text format of what replicas exchange.
namespace kurs {

std::string to_text(const MarketMap& map, const BoardChange& change);

/// Quotes with names that this replica's market map lacks are left out, and unknown fields are ignored. Fails
/// with `malformed`, or with `unknown_event` if the text has a newer format than this release reads.
result<BoardChange> parse_change(const MarketMap& map, std::string_view text);

/// An upper bound of the size of a change's text.
std::size_t largest_text(const MarketMap& map);

}  // namespace kurs
