#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/domain/quote.hpp"

namespace kurs {

/// Whether an exchanger's quote counts in the consensus, or why it does not.
enum class Vote : std::uint8_t {
    counted,
    no_quote,
    stale,
    disputed,
    same_books,  ///< an exchanger of higher priority that counts has the same books
};

struct Ballot {
    VenueId venue{};
    Vote vote{};
    const Quote* quote = nullptr;  ///< null without a quote
};

/// What the exchangers agree on in one direction. The bid is the median of their bids, and the ask the median
/// of their asks. Of an even number, the median is the mean of the two in the middle.
struct Consensus {
    /// Of three exchangers, one that is wrong cannot move the median beyond the other two.
    static constexpr std::size_t enough = 3;
    std::vector<Ballot> ballots;  ///< one per exchanger that has a route, in order of priority
    std::size_t counted = 0;

    /// None if fewer than two count. Its times are those of the quotes that decide: the ones in the middle.
    std::optional<Quote> quote;

    bool is_thin() const { return counted < enough; }
};

/// Counts the quotes that are fresh at `when` and not disputed. `quotes` has one slot per venue of the map,
/// null if the venue has no quote. The map has a consensus.
Consensus find_consensus(const MarketMap& map, DirectionId direction, std::span<const Quote* const> quotes,
                         TimePoint when);

}  // namespace kurs
