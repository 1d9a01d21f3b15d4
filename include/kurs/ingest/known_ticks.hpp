#pragma once

#include <vector>

#include "kurs/board/board_change.hpp"
#include "kurs/domain/tick.hpp"

namespace kurs {

/// The newest tick of each symbol that the recorded quotes were made from, with its original time. Symbols
/// that the map lacks are left out.
std::vector<Tick> known_ticks(const MarketMap& map, const std::vector<RecordedQuote>& quotes);

/// The newest tick of each symbol that the board's quotes were made from.
std::vector<Tick> known_ticks(const BoardChange& board);

}  // namespace kurs
