#pragma once

#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// A leg as it was when a quote was made. bid and ask are the symbol's own, not inverted.
struct QuoteLeg {
    SymbolId symbol{};
    bool inverted = false;
    Rate bid;
    Rate ask;
    TimePoint observed_at{};

    friend bool operator==(const QuoteLeg&, const QuoteLeg&) = default;
};

/// A direction's price at a venue. bid <= value <= ask, each cut, not rounded, at Rate's 18 decimals, so that
/// one rounding at the output is exact.
struct Quote {
    VenueId venue{};
    DirectionId direction{};
    Rate bid;
    Rate value;  ///< the mid of bid and ask
    Rate ask;
    TimePoint observed_at{};  ///< that of the oldest leg
    TimePoint fresh_until{};  ///< when the first leg reaches its limit; stale from then on
    std::vector<QuoteLeg> legs;

    bool is_fresh(TimePoint now) const { return now < fresh_until; }

    friend bool operator==(const Quote&, const Quote&) = default;
};

}  // namespace kurs
