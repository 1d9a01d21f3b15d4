#include "kurs/pricing/conversion.hpp"

#include <algorithm>
#include <map>

#include "kurs/pricing/fraction.hpp"

namespace kurs {
namespace {

/// A direction as a step away from an asset.
struct Hop {
    ConversionStep step;
    std::string_view other;  ///< the asset that it leads to
    std::size_t length = 0;  ///< number of factors of its longest route at any exchanger
};

struct Use {
    std::size_t length = 0;
    bool is_quoted = false;
};

/// For each direction: the length of its longest route, and whether the venue quotes it.
std::vector<Use> uses_of(const MarketMap& map, std::optional<VenueId> venue) {
    std::vector<Use> uses(map.directions.size(), Use{0, !venue});
    for (const Route& route : map.routes) {
        auto& use = uses[index(route.direction)];
        use.length = std::max(use.length, route.legs.size() + route.references.size());
        if (route.venue == venue) use.is_quoted = true;
    }
    return uses;
}

std::vector<Hop> hops_from(const MarketMap& map, const std::vector<Use>& uses, std::string_view asset) {
    std::vector<Hop> hops;
    for (std::size_t i = 0; i < map.directions.size(); ++i) {
        if (!uses[i].is_quoted) continue;
        const auto id = static_cast<DirectionId>(i);
        const auto& direction = map.direction(id);
        if (direction.base() == asset) hops.push_back({{id, false}, direction.quote(), uses[i].length});
        if (direction.quote() == asset) hops.push_back({{id, true}, direction.base(), uses[i].length});
    }
    return hops;
}

/// None if the count is zero.
result<std::optional<Rate>> to_amount(const Wide& units) {
    const auto rate = to_rate(units);
    if (rate) return std::optional(*rate);
    if (rate.error() == errc::not_positive) return std::optional<Rate>();
    return rate.error();
}

}  // namespace

std::vector<ConversionStep> conversion_path(const MarketMap& map, std::optional<VenueId> venue,
                                            std::string_view from, std::string_view to) {
    const auto uses = uses_of(map, venue);
    const auto first_hops = hops_from(map, uses, from);
    const auto direct = std::ranges::find(first_hops, to, &Hop::other);
    if (direct != first_hops.end()) return {direct->step};

    std::map<std::string_view, Hop> last_hops;  // by the common asset; the shortest of each
    for (const Hop& hop : hops_from(map, uses, to)) {
        auto& kept = last_hops.try_emplace(hop.other, hop).first->second;
        if (hop.length < kept.length) kept = hop;
    }
    std::vector<ConversionStep> path;
    std::size_t shortest = 0;
    for (const Hop& first : first_hops) {
        const auto last = last_hops.find(first.other);
        if (last == last_hops.end()) continue;
        const auto& [step, other, last_length] = last->second;
        const auto length = first.length + last_length;
        if (!path.empty() && length >= shortest) continue;
        shortest = length;
        path = {first.step, {step.direction, !step.inverted}};
    }
    return path;
}

result<Conversion> convert(Rate amount, Side side, std::span<const ConversionFactor> factors, int places) {
    if (factors.empty() || factors.size() > max_factors) return errc::malformed;
    Fraction product;
    for (const auto& [bid, ask, inverted] : factors) {
        const bool is_bid = (side == Side::sell) != inverted;
        multiply(product, is_bid ? bid : ask, inverted);
    }
    const auto rate = to_amount(product.numerator * one_in_units / product.denominator);
    if (!rate) return rate.error();

    const Wide step = power_of_ten(Rate::decimals - places);  // the smallest amount, in units of 1e-18
    const Wide divisor = product.denominator * step;
    Wide steps, rest;
    divide_qr(Wide(product.numerator * Wide(amount.units())), divisor, steps, rest);
    if (side == Side::buy && rest != 0) ++steps;
    const auto rounded = to_amount(steps * step);
    if (!rounded) return rounded.error();
    return Conversion{*rate, *rounded};
}

}  // namespace kurs
