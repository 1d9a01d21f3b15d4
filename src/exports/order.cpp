#include "kurs/exports/order.hpp"

#include <algorithm>

#include "exports/rounding.hpp"

namespace kurs::exports {
namespace {

/// Fails with `overflow`, or with `not_positive` if nothing is left.
result<PricedOrder> price_at(const PricedTier& tier, const Item& item, Side side, Rate amount) {
    const auto& [in, out, exact] = tier.price;
    const bool gives = side == Side::sell;
    const auto& [numerator, denominator] = gives ? std::pair(out, in) : std::pair(in, out);
    const int places = gives ? item.to.amount_places : item.from.amount_places;
    const auto other = to_rate(rounded_units(Wide(amount.units()) * Wide(numerator.units()),
                                             Wide(denominator.units()) * one_in_units, places,
                                             gives ? Rounding::down : Rounding::up));
    if (!other) return other.error();
    return PricedOrder{gives ? amount : *other, gives ? *other : amount, tier.markup_ppb, tier.price};
}

bool contains(const PricedTier& tier, Rate given, bool is_last) {
    return !(tier.min && given < *tier.min) &&
           !(tier.max && (is_last ? given > *tier.max : given >= *tier.max));
}

std::string limit_text(const Code& code, const char* what, Rate limit) {
    return std::string("The ") + what + " order is " + to_string(limit) + " " + code.name +
           ". Give another amount.";
}

}  // namespace

boost::system::result<PricedOrder, std::string> price_order(const Item& item, const Offer& offer, Side side,
                                                            Rate amount) {
    std::optional<PricedOrder> found;
    for (const auto& tier : offer.tiers) {
        const auto order = price_at(tier, item, side, amount);
        if (!order && order.error() == errc::not_positive)
            return "The amount is worth less than the last decimal of " + item.to.name +
                   ". Give a greater amount.";
        if (!order) return std::string("The amount is too large. Give a smaller one.");
        const bool is_last = &tier == &offer.tiers.back();
        const bool is_of_tier = contains(tier, order->give, is_last);
        if (!found || is_of_tier || order->give > found->give) found = *order;
        if (is_of_tier) break;
    }
    if (offer.min && found->give < *offer.min) return limit_text(item.from, "smallest", *offer.min);
    if (offer.max && found->give > *offer.max) return limit_text(item.from, "largest", *offer.max);
    if (offer.reserve && found->get > *offer.reserve)
        return "The reserve of " + item.to.name + " does not cover the amount. Give a smaller amount.";
    return *found;
}

}  // namespace kurs::exports
