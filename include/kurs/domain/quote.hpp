#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/market_map.hpp"

namespace kurs {

/// Identifies the quotes of one direction at one venue.
struct Series {
    VenueId venue{};
    DirectionId direction{};

    friend auto operator<=>(const Series&, const Series&) = default;
};

/// A leg at the time of a quote. bid and ask are the symbol's, not inverted.
struct QuoteLeg {
    SymbolId symbol{};
    bool inverted = false;
    Rate bid;
    Rate ask;
    TimePoint observed_at{};
    std::optional<Confirmation> confirmation{};  ///< of a source that publishes rarely

    friend bool operator==(const QuoteLeg&, const QuoteLeg&) = default;
};

/// The price of a direction at a venue. bid <= value <= ask. Each is truncated, not rounded, to Rate's 18
/// decimals, so that one rounding at the output is exact.
struct Quote {
    VenueId venue{};
    DirectionId direction{};
    Rate bid;
    Rate value;  ///< the mid of bid and ask
    Rate ask;
    TimePoint observed_at{};  ///< time of the oldest leg
    TimePoint fresh_until{};  ///< when the first leg reaches its limit and the quote becomes stale
    std::vector<QuoteLeg> legs;
    std::string dispute{};  ///< why the quote may not be served although it is fresh; empty if it may

    bool is_disputed() const { return !dispute.empty(); }

    /// Whether the quote may be served.
    bool is_fresh(TimePoint now) const { return now < fresh_until && !is_disputed(); }

    friend bool operator==(const Quote&, const Quote&) = default;
};

}  // namespace kurs
