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

/// The exact product of one to `max_legs` legs, truncated once to 18 decimals. An inverted leg uses the
/// opposite side of its book. Fails with `overflow`, or with `not_positive` if the result is truncated to
/// zero.
result<CrossRate> cross_rate(std::span<const QuoteLeg> legs);

inline constexpr std::size_t max_legs = 6;

}  // namespace kurs
