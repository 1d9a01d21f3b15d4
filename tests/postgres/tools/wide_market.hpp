#pragma once

#include "support/market.hpp"

namespace kurs::postgres::testing {

using namespace kurs::testing;

/// For a call that must not reach its limit.
inline constexpr Duration long_enough = 60s;

/// The service's own eight directions at its two exchangers. Every route has the same four legs.
inline MarketMap wide_market() {
    auto map = small_market();
    map.directions.clear();
    for (const auto* base : {"BTC", "ETH", "USDTTRC", "USDTERC"}) {
        for (const auto* quote : {"RUB", "USD"}) {
            map.directions.push_back(direction(std::string(base) + "-" + quote));
        }
    }
    return map;
}

}  // namespace kurs::postgres::testing
