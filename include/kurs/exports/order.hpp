#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "kurs/exports/offer.hpp"

namespace kurs::exports {

/// What a customer gives and gets for one order of an item, before its fees.
struct PricedOrder {
    Rate give;  ///< in `from`
    Rate get;   ///< in `to`
    std::uint32_t markup_ppb = 0;
    Price price;  ///< of its tier
};

/// The order in which the customer gives (`sell`) or gets (`buy`) exactly this amount. The other amount is
/// rounded in the exchanger's favour to the decimals of its code. The limits of the offer apply. An amount to
/// get that no tier yields has the dearest price. The failure is a sentence.
boost::system::result<PricedOrder, std::string> price_order(const Item& item, const Offer& offer, Side side,
                                                            Rate amount);

}  // namespace kurs::exports
