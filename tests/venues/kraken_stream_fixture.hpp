#pragma once

#include <gtest/gtest.h>

#include "kraken_fixture.hpp"
#include "venues/kraken/stream.hpp"

namespace kurs::kraken {

inline const WrittenSide bids{{"85600.4", "0.20401971"}, {"85599.6", "0.04385864"}};
inline const WrittenSide asks{{"85600.5", "0.90679198"}, {"85601.6", "0.21608516"}};
inline const std::string heartbeat = R"({"channel":"heartbeat"})";

/// A session of the stream with four books that trade.
struct KrakenStreamTest : TradedBooks {
    std::unique_ptr<StreamSession> session = make_stream_session(state);

    Outcome on(std::string_view frame, TimePoint at = noon) { return session->on_frame(frame, at); }

    std::string refusal(std::string_view frame, TimePoint at = noon) {
        const auto outcome = on(frame, at);
        EXPECT_TRUE(outcome.ticks.empty()) << frame;
        if (outcome.refusals.size() != 1) return std::to_string(outcome.refusals.size()) + " refusals";
        return std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what;
    }

    static std::string good_snapshot(std::string_view symbol = "BTC/USD", TimePoint at = noon) {
        return snapshot(symbol, bids, asks, at);
    }

    /// An update of the bids above, after which the book is `bids` and `asks`.
    static std::string update(const WrittenSide& changed_bids, const WrittenSide& all_bids, TimePoint at) {
        return book_frame("update", book_entry("BTC/USD", changed_bids, {}, checksum_of(all_bids, asks), at));
    }

    static std::string ack(std::string_view symbol, TimePoint at) {
        return R"({"method":"subscribe","result":{"channel":"book","depth":100,"snapshot":true,"symbol":")" +
               std::string(symbol) + R"("},"success":true,"time_in":")" + to_rfc3339(at) +
               R"(","time_out":")" + to_rfc3339(at) + R"("})";
    }

    static std::string refused_subscription(std::string_view symbol) {
        return R"({"error":"Currency pair not supported )" + std::string(symbol) +
               R"(","method":"subscribe","req_id":8,"success":false,"symbol":")" + std::string(symbol) +
               R"(","time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"})";
    }

    static std::string status(std::string_view system) {
        return R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":")" +
               std::string(system) +
               R"(","api_version":"v2","connection_id":13834774380200032777,"upcoming_maintenance":[]}]})";
    }

    static std::string instrument(std::string_view symbol, std::string_view pair_status) {
        return R"({"channel":"instrument","type":"update","data":{"assets":[],"pairs":[{"symbol":")" +
               std::string(symbol) + R"(","status":")" + std::string(pair_status) +
               R"(","qty_increment":1e-08}]}})";
    }
};

}  // namespace kurs::kraken
