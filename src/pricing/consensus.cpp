#include "kurs/pricing/consensus.hpp"

#include <algorithm>
#include <set>

namespace kurs {
namespace {

using Quotes = std::vector<const Quote*>;

/// The quotes that decide, in the order of one of their prices: one, or two of an even number.
struct Middle {
    const Quote* low;
    const Quote* high;
};

Middle find_middle(Quotes& quotes, Rate Quote::*price) {
    std::ranges::sort(quotes, {}, price);
    return {quotes[(quotes.size() - 1) / 2], quotes[quotes.size() / 2]};
}

Rate mean(Rate low, Rate high) {
    return Rate::from_units(low.units() + (high.units() - low.units()) / 2).value();
}

Vote judge(const Quote* quote, const std::set<SymbolId>& counted, TimePoint when) {
    if (!quote) return Vote::no_quote;
    if (when >= quote->fresh_until) return Vote::stale;
    if (quote->is_disputed()) return Vote::disputed;
    const auto is_counted = [&](const QuoteLeg& leg) { return counted.contains(leg.symbol); };
    const bool has_own_book = quote->legs.empty() || !std::ranges::all_of(quote->legs, is_counted);
    return has_own_book ? Vote::counted : Vote::same_books;
}

}  // namespace

Consensus find_consensus(const MarketMap& map, DirectionId direction, std::span<const Quote* const> quotes,
                         TimePoint when) {
    Consensus found;
    Quotes counted;
    std::set<SymbolId> symbols;
    for (const VenueId venue : map.exchangers) {
        if (venue == map.consensus || !map.find_route(venue, direction)) continue;
        const Quote* const quote = quotes[index(venue)];
        const auto vote = judge(quote, symbols, when);
        found.ballots.push_back({venue, vote, quote});
        if (vote != Vote::counted) continue;
        counted.push_back(quote);
        for (const QuoteLeg& leg : quote->legs) symbols.insert(leg.symbol);
    }
    found.counted = counted.size();
    if (found.counted < MarketMap::fewest_in_consensus) return found;

    const auto bids = find_middle(counted, &Quote::bid);
    const auto asks = find_middle(counted, &Quote::ask);
    const auto bid = mean(bids.low->bid, bids.high->bid);
    const auto ask = mean(asks.low->ask, asks.high->ask);
    const auto deciding = {bids.low, bids.high, asks.low, asks.high};
    found.quote = Quote{*map.consensus,
                        direction,
                        bid,
                        mean(bid, ask),
                        ask,
                        std::ranges::min(deciding, {}, &Quote::observed_at)->observed_at,
                        std::ranges::min(deciding, {}, &Quote::fresh_until)->fresh_until,
                        {}};
    return found;
}

}  // namespace kurs
