#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "kurs/domain/time_text.hpp"
#include "support/market.hpp"
#include "venues/kraken/trading_state.hpp"

namespace kurs::kraken {

using namespace kurs::testing;

inline constexpr SymbolId btc{0}, eth{1}, usdt{2}, usdc{3};

/// The four books against the dollar. USDT and USDC have the age limit of the venue, BTC and ETH a shorter
/// one.
inline MarketMap dollar_books() {
    MarketMap map;
    map.venues = {"kraken"};
    map.exchangers = {VenueId{0}};
    const auto add = [&](std::string base, Duration max_age) {
        map.symbols.push_back({VenueId{0}, base + "/USD", base, "USD", {max_age, 20, {}, {}}});
    };
    add("BTC", 5s);
    add("ETH", 5s);
    add("USDT", 10s);
    add("USDC", 10s);
    return map;
}

/// A source that says of every pair that it is traded.
struct AllOnline {
    explicit AllOnline(std::shared_ptr<TradingState> state) : source(std::move(state)) {
        for (const SymbolId symbol : {btc, eth, usdt, usdc}) source.set_pair(symbol, "online");
    }

    TradingSource source;
};

/// The four books, all of them traded.
struct TradedBooks : ::testing::Test {
    MarketMap map = dollar_books();
    std::shared_ptr<TradingState> state =
        make_trading_state(map, std::vector<SymbolId>{btc, eth, usdt, usdc});
    std::optional<AllOnline> other_source{std::in_place, state};
};

/// A level as it is written in a frame.
struct WrittenLevel {
    std::string price, quantity;
};
using WrittenSide = std::vector<WrittenLevel>;

/// CRC-32 as in zlib, bit by bit: independent of the session's library.
inline std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = 0xFFFF'FFFFU;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
    }
    return ~crc;
}

inline std::string checksum_digits(std::string number) {
    std::erase(number, '.');
    return number.substr(std::min(number.find_first_not_of('0'), number.size()));
}

/// Both sides from the best, as the venue's documentation describes.
inline std::uint32_t checksum_of(const WrittenSide& bids, const WrittenSide& asks) {
    std::string text;
    for (const auto* side : {&asks, &bids}) {
        for (std::size_t i = 0; i < std::min<std::size_t>(side->size(), 10); ++i)
            text += checksum_digits((*side)[i].price) + checksum_digits((*side)[i].quantity);
    }
    return crc32(text);
}

inline std::string written(const WrittenSide& side) {
    std::string text;
    for (const auto& level : side) {
        text += (text.empty() ? "" : ",");
        text += R"({"price":)" + level.price + R"(,"qty":)" + level.quantity + "}";
    }
    return "[" + text + "]";
}

inline std::string book_entry(std::string_view symbol, const WrittenSide& bids, const WrittenSide& asks,
                              std::uint32_t checksum, TimePoint at) {
    return R"({"symbol":")" + std::string(symbol) + R"(","bids":)" + written(bids) + R"(,"asks":)" +
           written(asks) + R"(,"checksum":)" + std::to_string(checksum) + R"(,"timestamp":")" +
           to_rfc3339(at) + R"("})";
}

inline std::string book_frame(std::string_view type, const std::string& entries) {
    return R"({"channel":"book","type":")" + std::string(type) + R"(","data":[)" + entries + "]}";
}

/// A snapshot with its own checksum.
inline std::string snapshot(std::string_view symbol, const WrittenSide& bids, const WrittenSide& asks,
                            TimePoint at) {
    return book_frame("snapshot", book_entry(symbol, bids, asks, checksum_of(bids, asks), at));
}

}  // namespace kurs::kraken
