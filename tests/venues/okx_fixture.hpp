#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/market.hpp"
#include "venues/okx/shared.hpp"
#include "venues/okx/stream.hpp"

namespace kurs::okx {

using namespace kurs::testing;

inline constexpr SymbolId btc{0}, eth{1}, usdc{2};

/// Three books with the age limit of the venue.
inline MarketMap okx_books() {
    MarketMap map;
    map.venues = {"okx"};
    map.exchangers = {VenueId{0}};
    const auto add = [&](std::string base, std::string quote) {
        map.symbols.push_back({VenueId{0}, base + "-" + quote, base, quote, {5s, 20, {}, {}}});
    };
    add("BTC", "USDT");
    add("ETH", "USDT");
    add("USDC", "USDT");
    return map;
}

/// The three books, all of them traded.
struct TradedBooks : ::testing::Test {
    MarketMap map = okx_books();
    std::shared_ptr<Shared> shared = std::make_shared<Shared>(map, std::vector<SymbolId>{btc, eth, usdc});
    std::optional<TradingSource> listed{shared->trading};

    TradedBooks() {
        for (const SymbolId symbol : {btc, eth, usdc}) listed->set_pair(symbol, "live");
    }
};

/// Prices of a side and their quantities, as the venue writes them: "100.5" has a quantity, "-100.5" none.
using WrittenSide = std::vector<std::string>;

inline std::string written(const WrittenSide& side) {
    std::string text;
    for (const auto& level : side) {
        const bool is_removed = level.starts_with('-');
        text += text.empty() ? "" : ",";
        text += "[\"" + level.substr(is_removed ? 1 : 0) +
                (is_removed ? R"(","0","0","0"])" : R"(","1.5","0","2"])");
    }
    return "[" + text + "]";
}

inline std::string book_entry(const WrittenSide& bids, const WrittenSide& asks, std::string_view numbers,
                              TimePoint at) {
    return R"({"asks":)" + written(asks) + R"(,"bids":)" + written(bids) + R"(,"ts":")" +
           std::to_string(at.time_since_epoch().count()) + R"(",)" + std::string(numbers) + "}";
}

inline std::string numbers(std::int64_t sequence) {
    return R"("seqId":)" + std::to_string(sequence);
}

inline std::string numbers(std::int64_t sequence, std::int64_t previous) {
    return numbers(sequence) + R"(,"prevSeqId":)" + std::to_string(previous);
}

inline std::string frame(std::string_view channel, std::string_view symbol, std::string_view action,
                         const std::string& entry) {
    return R"({"arg":{"channel":")" + std::string(channel) + R"(","instId":")" + std::string(symbol) +
           R"("},)" + (action.empty() ? "" : R"("action":")" + std::string(action) + R"(",)") +
           R"("data":[)" + entry + "]}";
}

inline std::string top(const std::string& bid, const std::string& ask, std::int64_t sequence, TimePoint at,
                       std::string_view symbol = "BTC-USDT") {
    const auto side = [](const std::string& price) {
        return price.empty() ? WrittenSide{} : WrittenSide{price};
    };
    return frame("bbo-tbt", symbol, "", book_entry(side(bid), side(ask), numbers(sequence), at));
}

inline std::string snapshot(const WrittenSide& bids, const WrittenSide& asks, std::int64_t sequence,
                            TimePoint at, std::string_view symbol = "BTC-USDT") {
    return frame("books", symbol, "snapshot", book_entry(bids, asks, numbers(sequence, -1), at));
}

inline std::string update(const WrittenSide& bids, const WrittenSide& asks, std::int64_t sequence,
                          std::int64_t previous, TimePoint at, std::string_view symbol = "BTC-USDT") {
    return frame("books", symbol, "update", book_entry(bids, asks, numbers(sequence, previous), at));
}

}  // namespace kurs::okx
