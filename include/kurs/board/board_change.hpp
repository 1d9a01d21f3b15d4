#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kurs/domain/history.hpp"
#include "kurs/domain/quote.hpp"
#include "kurs/pricing/pricer.hpp"

namespace kurs {

/// The changes of the board between two versions. Replicas that apply the same changes in order have the same
/// board.
struct BoardChange {
    std::uint64_t version = 0;  ///< the board's version after the change
    TimePoint visible_at{};     ///< when every replica starts to serve it
    std::vector<Quote> quotes;
    std::vector<LostDirection> lost;
    std::optional<ActiveChange> active;
    bool is_snapshot =
        false;  ///< a snapshot: quotes that it does not contain are lost, and its quotes are not new

    bool is_empty() const { return quotes.empty() && lost.empty() && !active; }
};

}  // namespace kurs
