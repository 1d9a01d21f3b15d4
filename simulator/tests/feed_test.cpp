#include "binance_feed.hpp"

#include <gtest/gtest.h>

#include "at.hpp"
#include "binance_payloads.hpp"

using namespace sim;

namespace {

struct Bench {
    explicit Bench(std::vector<Capture> captures = {}, FeedPolicy policy = {})
        : replay(std::move(captures), policy.speed), market(listed_instruments(), 1, at(0)) {
        for (const auto& [symbol, book] : replay.first_books())
            market.take_from_capture({.symbol = symbol, .tick = Amount{1}, .start = book.bid}, book, at(0));
        feed.emplace(market, replay, policy, 1, at(0));
    }
    void run(std::int64_t from, std::int64_t to) {
        for (auto ms = from; ms <= to; ms += 5)
            feed->advance(at(ms), [&](const StreamEvent& event) { events.push_back(event); });
    }
    std::size_t count(std::string_view name) const {
        return static_cast<std::size_t>(std::count_if(events.begin(), events.end(),
                                                      [&](const auto& event) { return event.name == name; }));
    }

    Replay replay;
    Market market;
    std::optional<BinanceFeed> feed;
    std::vector<StreamEvent> events;
};

Capture one_frame() {
    return {{{Millis{0}, "nknusdt@bookTicker", "NKNUSDT", "bookTicker",
              R"({"u":5,"s":"NKNUSDT","b":"0.35130000","B":"1.00","a":"0.35200000","A":"2.00"})"}}};
}

}  // namespace

TEST(Feed, BitcoinMovesAboutTwentyTimesASecondAndTicksOnce) {
    Bench bench;
    bench.run(0, 10'000);
    EXPECT_NEAR(static_cast<double>(bench.count("btcusdt@bookTicker")), 200, 30);
    EXPECT_NEAR(static_cast<double>(bench.count("btcusdt@miniTicker")), 10, 1);
    EXPECT_EQ(bench.count("btcrub@bookTicker"), 0U);
}

TEST(Feed, SpeedHastensTheWalkButNotTheTickers) {
    Bench bench({}, {.speed = 3});
    bench.run(0, 10'000);
    EXPECT_GT(bench.count("btcusdt@bookTicker"), 450U);
    EXPECT_NEAR(static_cast<double>(bench.count("btcusdt@miniTicker")), 10, 1);
}

TEST(Feed, BookGoesOutBeforeItsTrade) {
    Bench bench;
    bench.run(0, 3000);
    for (std::size_t i = 0; i < bench.events.size(); ++i) {
        if (bench.events[i].kind != "aggTrade") continue;
        ASSERT_GT(i, 0U);
        EXPECT_EQ(bench.events[i - 1].kind, "bookTicker");
        EXPECT_EQ(bench.events[i - 1].symbol, bench.events[i].symbol);
    }
}

TEST(Feed, ReplayedSymbolIsConfirmedByItsLastBidAfterwards) {
    Bench bench({one_frame()});
    bench.replay.start(at(0));
    bench.run(0, 3000);
    EXPECT_EQ(bench.count("nknusdt@bookTicker"), 1U);
    EXPECT_GE(bench.count("nknusdt@miniTicker"), 2U);
    EXPECT_EQ(bench.market.find("NKNUSDT")->last.price, amount("0.3513"));
}

TEST(Feed, HeldReplayStaysSilentAfterItsLastFrame) {
    Bench bench({one_frame()}, {.confirm_after_replay = false});
    bench.replay.start(at(0));
    bench.run(0, 3000);
    EXPECT_EQ(bench.count("nknusdt@miniTicker"), 0U);
}

TEST(Payloads, RecordedEventTimeBecomesThePresent) {
    EXPECT_EQ(with_event_time(R"({"e":"aggTrade","E":123,"s":"X","T":123})", at(0)),
              R"({"e":"aggTrade","E":1795392000000,"s":"X","T":123})");
    EXPECT_EQ(with_later_update_id(R"({"u":5,"s":"X"})", 10), R"({"u":15,"s":"X"})");
}

TEST(Payloads, MicrosecondsApplyToTimesOnly) {
    EXPECT_EQ(in_microseconds(R"({"e":"trade","E":5,"t":7,"T":6})"),
              R"({"e":"trade","E":5000,"t":7,"T":6000})");
    EXPECT_EQ(in_microseconds(R"({"u":5,"a":"1.0"})"), R"({"u":5,"a":"1.0"})");
}
