#pragma once

#include <vector>

#include "kurs/domain/tick.hpp"

namespace kurs {

class Board;
struct RecordedQuote;

/// The newest tick of each symbol that the recorded quotes were made from, with the age it had. Symbols that
/// the map does not know are left out.
std::vector<Tick> recovered_ticks(const MarketMap& map, const std::vector<RecordedQuote>& quotes);

/// The newest tick of each symbol that the quotes on the board were made from.
std::vector<Tick> held_ticks(const Board& board);

}  // namespace kurs
