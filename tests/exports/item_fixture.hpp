#pragma once

#include "kurs/exports/offer.hpp"

namespace kurs::exports {

using namespace std::chrono_literals;

inline constexpr TimePoint noon{1'700'000'000s};  // 2023-11-14T22:13:20Z

inline Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

inline const Quote& usdt_rub() {
    static const Quote quote{VenueId{0},    DirectionId{0}, rate("79.90"), rate("80"),
                             rate("80.10"), noon,           noon + 5s,     {}};
    return quote;
}

/// A customer gives USDT and gets roubles.
inline Item sale() {
    Item item;
    item.from = {"USDTTRC20", 6, 6, {}};
    item.to = {"SBPRUB", 2, 2, {}};
    item.tiers = {{std::nullopt, 0}};
    return item;
}

/// A customer gives roubles and gets USDT.
inline Item purchase() {
    auto item = sale();
    std::swap(item.from, item.to);
    item.side = Side::buy;
    return item;
}

}  // namespace kurs::exports
