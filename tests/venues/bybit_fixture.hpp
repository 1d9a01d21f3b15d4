#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/market.hpp"
#include "venues/bybit/book_text.hpp"

namespace kurs::bybit {

using namespace kurs::testing;

inline constexpr SymbolId btc{0}, eth{1}, usdc{2};

/// Three books against USDT. USDC has the age limit of the venue, BTC and ETH a shorter one.
inline MarketMap tether_books() {
    MarketMap map;
    map.venues = {"bybit"};
    map.exchangers = {VenueId{0}};
    const auto add = [&](std::string base, Duration max_age) {
        map.symbols.push_back({VenueId{0}, base + "USDT", base, "USDT", {max_age, 20, {}, {}}});
    };
    add("BTC", 5s);
    add("ETH", 5s);
    add("USDC", 7s);
    return map;
}

inline std::string milliseconds(TimePoint at) {
    return std::to_string(at.time_since_epoch().count());
}

/// "[price,quantity]" of the only level.
inline std::string level(std::string_view price, std::string_view quantity = "1.5") {
    return R"([")" + std::string(price) + R"(",")" + std::string(quantity) + R"("])";
}

/// A book in a frame or a response.
struct WrittenBook {
    std::string symbol = "BTCUSDT";
    std::string bids = level("63705.3");
    std::string asks = level("63705.4");
    std::uint64_t update_id = 7;
    std::uint64_t sequence = 100;

    std::string members() const {
        return R"("s":")" + symbol + R"(","b":[)" + bids + R"(],"a":[)" + asks + R"(],"u":)" +
               std::to_string(update_id) + R"(,"seq":)" + std::to_string(sequence);
    }
};

inline std::string frame(std::string_view depth, std::string_view type, const WrittenBook& book,
                         TimePoint sent_at, TimePoint matched_at) {
    return R"({"topic":"orderbook.)" + std::string(depth) + "." + book.symbol + R"(","ts":)" +
           milliseconds(sent_at) + R"(,"type":")" + std::string(type) + R"(","data":{)" + book.members() +
           R"(},"cts":)" + milliseconds(matched_at) + "}";
}

}  // namespace kurs::bybit
