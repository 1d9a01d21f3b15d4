#pragma once

#include "okx_fixture.hpp"

namespace kurs::okx {

/// A session of the stream with three books that trade.
struct OkxStreamTest : TradedBooks {
    std::unique_ptr<StreamSession> session = make_stream_session(shared);

    Outcome on(std::string_view text, TimePoint at = noon) { return session->on_frame(text, at); }

    /// "100 101 #7 +1000ms": prices, number and time after noon. Empty if there is no tick.
    static std::string shown(const Outcome& outcome) {
        std::string text;
        for (const Tick& tick : outcome.ticks) {
            text += (text.empty() ? "" : ", ") + to_string(tick.bid) + " " + to_string(tick.ask) + " #" +
                    std::to_string(tick.sequence) + " +" + std::to_string((tick.observed_at - noon).count()) +
                    "ms";
        }
        return text;
    }

    std::string tick(std::string_view text, TimePoint at = noon) {
        const auto outcome = on(text, at);
        EXPECT_TRUE(outcome.refusals.empty()) << text;
        return shown(outcome);
    }

    std::string refusal(std::string_view text, TimePoint at = noon) {
        const auto outcome = on(text, at);
        EXPECT_TRUE(outcome.ticks.empty()) << text;
        if (outcome.refusals.size() != 1) return std::to_string(outcome.refusals.size()) + " refusals";
        return std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what;
    }

    /// The answer of REST, as the poll leaves it.
    void answer(const std::string& bid, const std::string& ask, std::uint64_t sequence, TimePoint at) {
        shared->news[btc].answer = Answer{{rate(bid), rate(ask)}, sequence, at};
    }
};

}  // namespace kurs::okx
