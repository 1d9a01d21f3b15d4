#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kurs/board/board_change.hpp"
#include "kurs/domain/tick.hpp"
#include "kurs/tape/reader.hpp"

// The payloads of a tape that only an ingest understands.
namespace kurs {

std::string to_text(const MarketMap& map, const std::vector<Tick>& ticks);
tape::Result<std::vector<Tick>> parse_ticks(const MarketMap& map, std::string_view text);

/// What an intake begins with.
struct Beginning {
    BoardChange published;
    Duration delay{};
};

std::string begin_text(const MarketMap& map, const BoardChange& published, Duration delay);
tape::Result<Beginning> parse_beginning(const MarketMap& map, std::string_view text);

}  // namespace kurs
