#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kurs/domain/quote.hpp"
#include "kurs/exports/exports.hpp"
#include "kurs/exports/reserves.hpp"

namespace kurs::exports {

/// A rate as exports write it: the customer gives `in` and gets `out`. One of them is 1, so that the other
/// one is at least 1 and loses little when it is rounded.
struct Price {
    Rate in;
    Rate out;
    Rate exact;  ///< the one that is not 1, truncated to 18 decimals and otherwise not rounded

    friend bool operator==(const Price&, const Price&) = default;
};

/// For a customer who sells, `rate` is the bid and the markup is subtracted; for one who buys, it is the ask
/// and the markup is added. `out` is rounded down and `in` up, both in the exchanger's favour. Fails with
/// `overflow`.
result<Price> make_price(Rate rate, Side side, std::uint32_t markup_ppb, int from_places, int to_places);

/// The price of the amounts of `from` from `min` up to `max`.
struct PricedTier {
    std::optional<Rate> min{};  ///< none: zero
    std::optional<Rate> max{};  ///< none: without limit
    std::uint32_t markup_ppb = 0;
    Price price;
};

/// What is published of an item.
struct Offer {
    Price price;                    ///< the worst of all tiers for the customer
    std::vector<PricedTier> tiers;  ///< contiguous, from `min` to `max`
    std::optional<Rate> min{};      ///< limits of one order, in `from`
    std::optional<Rate> max{};
    std::optional<Rate> reserve{};  ///< in `to`
    TimePoint valid_until{};        ///< when the course or the reserve becomes stale
};

/// The offer, or a sentence that says why there is none. Only a fresh quote that is not disputed makes one.
/// `quote` may be null.
boost::system::result<Offer, std::string> make_offer(const Item& item, const Quote* quote,
                                                     const ReserveBook& reserves, TimePoint now);

}  // namespace kurs::exports
