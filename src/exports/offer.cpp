#include "kurs/exports/offer.hpp"

#include <algorithm>

#include "exports/rounding.hpp"

namespace kurs::exports {
namespace {

using Reason = std::string;

result<Rate> rounded_down(Rate rate, int places) {
    return to_rate(rounded_units(Wide(rate.units()), one_in_units, places, Rounding::down));
}

Rate one() {
    return Rate::from_units(u128{1'000'000'000'000'000'000}).value();
}

/// What is given for one unit of `to`, in units of `from`.
Fraction cost_of_one(Rate rate, Side side, std::uint32_t markup_ppb) {
    const bool is_sold = side == Side::sell;
    Fraction cost;
    multiply(cost, rate, is_sold);
    const Wide kept = is_sold ? one_in_ppb - markup_ppb : one_in_ppb + markup_ppb;
    (is_sold ? cost.denominator : cost.numerator) *= kept;
    (is_sold ? cost.numerator : cost.denominator) *= one_in_ppb;
    return cost;
}

/// The largest amount of `from` whose payout the reserve covers at every tier.
result<Rate> covered_by(Rate reserve, const std::vector<Price>& prices, int places) {
    std::optional<Wide> least;
    for (const auto& price : prices) {
        const Wide units = rounded_units(Wide(reserve.units()) * Wide(price.in.units()),
                                         Wide(price.out.units()) * one_in_units, places, Rounding::down);
        if (!least || units < *least) least = units;
    }
    return to_rate(least.value_or(0));
}

/// The price at each tier.
result<std::vector<Price>> price_tiers(const Item& item, const Quote& quote) {
    std::vector<Price> prices;
    for (const auto& tier : item.tiers) {
        const auto rate = item.side == Side::sell ? quote.bid : quote.ask;
        const auto price =
            make_price(rate, item.side, tier.markup_ppb, item.from.rate_places, item.to.rate_places);
        if (!price) return price.error();
        prices.push_back(*price);
    }
    return prices;
}

/// Adds the reserve, and with it the largest order. Returns why the item is absent, or nothing.
std::optional<Reason> settle_reserve(const Item& item, const std::vector<Price>& prices,
                                     const ReserveBook& reserves, TimePoint now, Offer& offer) {
    if (item.to.reserve_source) {
        const auto known = reserves.find(*item.to.reserve_source, now);
        const auto reserve = known ? rounded_down(known->amount, item.to.amount_places) : errc::malformed;
        if (!reserve)
            return "The reserve of " + item.to.name + " is unknown, older than its limit, or used up.";
        offer.reserve = *reserve;
        offer.valid_until = std::min(offer.valid_until, known->stale_at);
    }
    if (!offer.reserve) return std::nullopt;
    const auto covered = covered_by(*offer.reserve, prices, item.from.amount_places);
    if (!covered && covered.error() == errc::overflow)
        return "The reserve of " + to_string(*offer.reserve) + " " + item.to.name + " is too large.";
    if (!covered || (offer.min && *offer.min > *covered))
        return "The reserve of " + to_string(*offer.reserve) + " " + item.to.name +
               " does not cover the smallest order.";
    if (!offer.max) offer.max = *covered;
    return std::nullopt;
}

/// The tiers with their bounds. One that begins above the largest order is left out. One that begins at it
/// has this one amount.
std::vector<PricedTier> bound_tiers(const Item& item, const std::vector<Price>& prices, const Offer& offer) {
    std::vector<PricedTier> tiers;
    auto from = offer.min;
    for (std::size_t i = 0; i < prices.size(); ++i) {
        const auto& below = item.tiers[i].below;
        auto to = below ? below : offer.max;
        if (offer.max && to && *to > *offer.max) to = offer.max;
        const bool is_beyond = from && to && *from > *to;
        if (!is_beyond) tiers.push_back({from, to, item.tiers[i].markup_ppb, prices[i]});
        from = below;
    }
    return tiers;
}

}  // namespace

result<Price> make_price(Rate rate, Side side, std::uint32_t markup_ppb, int from_places, int to_places) {
    const auto [numerator, denominator] = cost_of_one(rate, side, markup_ppb);
    if (numerator >= denominator) {
        const auto exact = to_rate(rounded_units(numerator, denominator, Rate::decimals, Rounding::down));
        const auto in = to_rate(rounded_units(numerator, denominator, from_places, Rounding::up));
        if (!exact || !in) return errc::overflow;
        return Price{*in, one(), *exact};
    }
    const auto exact = to_rate(rounded_units(denominator, numerator, Rate::decimals, Rounding::down));
    const auto out = to_rate(rounded_units(denominator, numerator, to_places, Rounding::down));
    if (!exact || !out) return errc::overflow;
    return Price{one(), *out, *exact};
}

boost::system::result<Offer, std::string> make_offer(const Item& item, const Quote* quote,
                                                     const ReserveBook& reserves, TimePoint now) {
    if (!quote || !quote->is_fresh(now)) return Reason("The course is not fresh, or disputed.");
    if (item.hours && !item.hours->is_open(now)) return "Outside of its hours, " + item.hours->text + ".";

    const auto prices = price_tiers(item, *quote);
    if (!prices) return Reason("The rate is too large.");
    const auto worst = std::ranges::max_element(item.tiers, {}, &Tier::markup_ppb) - item.tiers.begin();
    Offer offer{(*prices)[static_cast<std::size_t>(worst)],
                {},
                item.min,
                item.max,
                item.to.reserve,
                quote->fresh_until};
    if (auto reason = settle_reserve(item, *prices, reserves, now, offer)) return *std::move(reason);
    offer.tiers = bound_tiers(item, *prices, offer);
    return offer;
}

}  // namespace kurs::exports
