#pragma once

#include "coinbase_fixture.hpp"

namespace kurs::coinbase {

using Frames = std::vector<std::string>;

/// A session of the stream, with products that trade.
struct CoinbaseStreamTest : TradedProducts {
    explicit CoinbaseStreamTest(std::vector<SymbolId> symbols = {btc, eth, usdt})
        : TradedProducts(std::move(symbols)) {}

    Frames requests;  ///< that the session has sent
    std::unique_ptr<StreamSession> session = open();

    std::unique_ptr<StreamSession> open() const {
        auto opened = make_stream_session(shared);
        opened->on_open();
        return opened;
    }

    Outcome on(const std::string& frame, TimePoint at = noon) { return noted(session->on_frame(frame, at)); }

    Outcome noted(Outcome outcome) {
        requests.insert(requests.end(), outcome.replies.begin(), outcome.replies.end());
        return outcome;
    }

    std::string tick(const std::string& frame, TimePoint at = noon) {
        const auto outcome = on(frame, at);
        EXPECT_EQ(refusals(outcome), "") << frame;
        return shown(outcome);
    }

    std::string refusal(const std::string& frame, TimePoint at = noon) {
        const auto outcome = on(frame, at);
        EXPECT_EQ(shown(outcome), "") << frame;
        return refusals(outcome);
    }

    /// What is sent meanwhile, when nothing arrives.
    Frames sent(TimePoint from, TimePoint to) {
        Frames all;
        for (TimePoint now = from; now <= to; now += 100ms) {
            const auto outcome = noted(session->on_time(now));
            all.insert(all.end(), outcome.replies.begin(), outcome.replies.end());
        }
        return all;
    }

    /// A book of BTC-USD at noon, confirmed by an update.
    void begin() {
        on(snapshot({"100", "99"}, {"101", "102"}));
        EXPECT_EQ(tick(update({"98"}, {}, noon)), "100 101 #0us +0ms");
    }
};

}  // namespace kurs::coinbase
