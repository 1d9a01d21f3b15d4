#include "kurs/pricing/cross_rate.hpp"

#include "kurs/pricing/fraction.hpp"

namespace kurs {
namespace {

/// Truncated, not rounded: rounding half up later to fewer decimals equals rounding the exact value once.
result<Rate> cut(const Wide& numerator, const Wide& denominator) {
    return to_rate(numerator * one_in_units / denominator);
}

}  // namespace

result<CrossRate> cross_rate(std::span<const QuoteLeg> legs) {
    if (legs.empty() || legs.size() > max_legs) return errc::malformed;
    Fraction bid;
    Fraction ask;
    for (const auto& leg : legs) {
        multiply(bid, leg.inverted ? leg.ask : leg.bid, leg.inverted);
        multiply(ask, leg.inverted ? leg.bid : leg.ask, leg.inverted);
    }
    const auto low = cut(bid.numerator, bid.denominator);
    if (!low) return low.error();
    const auto high = cut(ask.numerator, ask.denominator);
    if (!high) return high.error();
    const Wide sum = bid.numerator * ask.denominator + ask.numerator * bid.denominator;
    const auto mid = cut(sum, bid.denominator * ask.denominator * 2);
    if (!mid) return mid.error();
    return CrossRate{*low, *mid, *high};
}

}  // namespace kurs
