#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kurs/domain/time_text.hpp"
#include "support/market.hpp"
#include "venues/coinbase/shared.hpp"
#include "venues/coinbase/stream.hpp"

namespace kurs::coinbase {

using namespace kurs::testing;

inline constexpr SymbolId btc{0}, eth{1}, usdt{2};

/// Three products with the age limit of the venue.
inline MarketMap dollar_books() {
    MarketMap map;
    map.venues = {"coinbase"};
    map.exchangers = {VenueId{0}};
    for (const std::string base : {"BTC", "ETH", "USDT"})
        map.symbols.push_back({VenueId{0}, base + "-USD", base, "USD", {5s, 20, {}, {}}});
    return map;
}

/// Products that are traded.
struct TradedProducts : ::testing::Test {
    MarketMap map = dollar_books();
    std::shared_ptr<Shared> shared;
    std::optional<TradingSource> listed;

    explicit TradedProducts(std::vector<SymbolId> symbols) : shared(std::make_shared<Shared>(map, symbols)) {
        listed.emplace(shared->trading);
        for (const SymbolId symbol : symbols) listed->set_pair(symbol, "online");
    }
};

inline std::string time_text(TimePoint at, int microseconds = 0) {
    auto text = to_rfc3339(at);
    text.insert(text.size() - 1, std::to_string(1000 + microseconds).substr(1));
    return text;
}

/// Prices of a side, with a size: "100.5", or without one: "-100.5".
using WrittenSide = std::vector<std::string>;

inline std::string written(const WrittenSide& side, std::string_view prefix = "") {
    std::string text;
    for (const auto& level : side) {
        const bool is_removed = level.starts_with('-');
        text += text.empty() ? "" : ",";
        text += "[" + std::string(prefix) + "\"" + level.substr(is_removed ? 1 : 0) +
                (is_removed ? R"(","0.00000000"])" : R"(","1.50000000"])");
    }
    return text;
}

inline std::string members(const WrittenSide& bids, const WrittenSide& asks) {
    return R"("asks":[)" + written(asks) + R"(],"bids":[)" + written(bids) + "]";
}

inline std::string snapshot(const WrittenSide& bids, const WrittenSide& asks,
                            const std::string& product = "BTC-USD") {
    return R"({"type":"snapshot","product_id":")" + product + "\"," + members(bids, asks) + "}";
}

inline std::string update_at(const WrittenSide& bids, const WrittenSide& asks, const std::string& time,
                             const std::string& product = "BTC-USD") {
    const auto buys = written(bids, R"("buy",)"), sells = written(asks, R"("sell",)");
    return R"({"type":"l2update","product_id":")" + product + R"(","changes":[)" + buys +
           (buys.empty() || sells.empty() ? "" : ",") + sells + R"(],"time":")" + time + "\"}";
}

inline std::string update(const WrittenSide& bids, const WrittenSide& asks, TimePoint at,
                          const std::string& product = "BTC-USD") {
    return update_at(bids, asks, time_text(at), product);
}

inline std::string heartbeat(std::uint64_t sequence, TimePoint at, const std::string& product = "BTC-USD") {
    return R"({"type":"heartbeat","sequence":)" + std::to_string(sequence) +
           R"(,"last_trade_id":20,"product_id":")" + product + R"(","time":")" + time_text(at) + "\"}";
}

inline std::string subscribe(const std::string& product) {
    return R"({"type":"subscribe","product_ids":[")" + product +
           R"("],"channels":["level2_batch","heartbeat"]})";
}

inline std::string unsubscribe(const std::string& product) {
    return R"({"type":"unsubscribe","product_ids":[")" + product + R"("],"channels":["level2_batch"]})";
}

/// "100 101 #7us +1000ms": prices, number and time after noon. Empty if there is no tick.
inline std::string shown(const Outcome& outcome) {
    const auto origin = static_cast<std::int64_t>(noon.time_since_epoch().count()) * 1000;
    std::string text;
    for (const Tick& tick : outcome.ticks) {
        text += (text.empty() ? "" : ", ") + to_string(tick.bid) + " " + to_string(tick.ask) + " #" +
                std::to_string(static_cast<std::int64_t>(tick.sequence) - origin) + "us +" +
                std::to_string((tick.observed_at - noon).count()) + "ms";
    }
    return text;
}

/// "malformed BTC-USD", or empty.
inline std::string refusals(const Outcome& outcome) {
    std::string text;
    for (const auto& refusal : outcome.refusals)
        text += (text.empty() ? "" : ", ") + std::string(to_string(refusal.reason)) + " " + refusal.what;
    return text;
}

}  // namespace kurs::coinbase
