#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/pricing/pricer.hpp"

namespace kurs {

/// What changed on the board from one version to the next. Applied in order, changes make the same board
/// everywhere.
struct BoardChange {
    std::uint64_t version = 0;  ///< of the board afterwards
    TimePoint visible_at{};     ///< from when on it is served, on all copies alike
    std::vector<Quote> quotes;
    std::vector<LostDirection> lost;
    std::optional<ActiveChange> active;

    bool is_empty() const { return quotes.empty() && lost.empty() && !active; }
};

}  // namespace kurs
