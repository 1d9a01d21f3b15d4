#pragma once

#include <cstdint>
#include <optional>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// One observation of a symbol by a venue. A last price is a tick whose bid and ask are equal.
struct Tick {
    SymbolId symbol{};
    Rate bid;
    Rate ask;
    TimePoint observed_at{};  ///< time at which the venue's value was true
    std::uint64_t sequence =
        0;  ///< the venue's counter, or 0 if it has none; a repeated number confirms the value
    std::optional<Confirmation> confirmation{};  ///< of a source that publishes rarely
};

}  // namespace kurs
