#pragma once

#include <span>

#include "kurs/domain/quote.hpp"

namespace kurs {

/// Both sides of a direction and their mid. bid <= value <= ask.
struct CrossRate {
    Rate bid;
    Rate value;
    Rate ask;
};

/// The exact product of the legs, an inverted leg by the opposite side of its book, cut once at 18 decimals.
/// At most `max_legs`, at least one. Fails with `overflow`, or with `not_positive` where nothing is left.
result<CrossRate> cross_rate(std::span<const QuoteLeg> legs);

inline constexpr std::size_t max_legs = 6;

}  // namespace kurs
