#include "venues/bybit/stream.hpp"

#include "bybit_fixture.hpp"

namespace kurs::bybit {
namespace {

struct BybitStreamTest : ::testing::Test {
    MarketMap map = tether_books();
    std::shared_ptr<Tops> tops = std::make_shared<Tops>();
    std::unique_ptr<StreamSession> session = make_stream_session(map, {btc, eth, usdc}, tops);
    std::unique_ptr<StreamSession> other = make_stream_session(map, {btc, eth, usdc}, tops);

    /// A frame of `orderbook.1`, matched when it was sent.
    static std::string top(const WrittenBook& book, TimePoint at = noon) {
        return frame("1", "snapshot", book, at, at);
    }

    /// The same book, sent again.
    static std::string repeat(const WrittenBook& book, TimePoint at) {
        return frame("1", "snapshot", book, at, noon);
    }

    static std::string depth(std::string bids, std::string asks, std::uint64_t update_id,
                             std::uint64_t sequence, TimePoint at) {
        return frame("50", "delta", {"BTCUSDT", std::move(bids), std::move(asks), update_id, sequence}, at,
                     at);
    }

    static std::string depth_snapshot(std::string bids, std::string asks, std::uint64_t sequence,
                                      TimePoint at) {
        return frame("50", "snapshot", {"BTCUSDT", std::move(bids), std::move(asks), 40, sequence}, at, at);
    }

    Outcome on(std::string_view text, TimePoint at = noon + 1min) { return session->on_frame(text, at); }

    /// "bid ask, number @ time after noon" of the tick that the frame made, or why there is none.
    static std::string told(const Outcome& outcome) {
        if (outcome.refusals.size() == 1)
            return std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what;
        if (outcome.ticks.empty()) return "nothing";
        const Tick& tick = outcome.ticks[0];
        return to_string(tick.bid) + " " + to_string(tick.ask) + ", " + std::to_string(tick.sequence) +
               " @ " + std::to_string((tick.observed_at - noon).count());
    }

    std::string from(std::string_view text) { return told(on(text)); }
};

TEST_F(BybitStreamTest, SubscribesToEachSymbolByItself) {
    const auto requests = session->on_open();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(
        requests[0],
        R"({"req_id":"BTCUSDT","op":"subscribe","args":["orderbook.1.BTCUSDT","orderbook.50.BTCUSDT"]})");
}

TEST_F(BybitStreamTest, AValueIsAsOldAsItsMatch) {
    EXPECT_EQ(from(frame("1", "snapshot", {}, noon + 9ms, noon + 2ms)), "63705.3 63705.4, 100 @ 2");
    EXPECT_EQ(told(on(top({.sequence = 101}, noon + 3s), noon + 1s)), "63705.3 63705.4, 100 @ 1000")
        << "never in the future";
}

TEST_F(BybitStreamTest, ARepeatConfirmsWhenItWasSent) {
    on(top({}));
    EXPECT_EQ(from(repeat({}, noon + 3s)), "63705.3 63705.4, 100 @ 3000");
    EXPECT_EQ(from(repeat({.update_id = 8}, noon + 6s)), "63705.3 63705.4, 100 @ 0") << "not a repeat";
}

TEST_F(BybitStreamTest, OlderBooksAreRefused) {
    on(top({.update_id = 8, .sequence = 100}));
    EXPECT_EQ(from(top({.update_id = 7, .sequence = 100})), "out_of_order orderbook.1.BTCUSDT");
    EXPECT_EQ(from(top({.update_id = 9, .sequence = 99})), "out_of_order orderbook.1.BTCUSDT");
    EXPECT_EQ(from(top({.bids = level("63705.2"), .update_id = 9})), "63705.2 63705.4, 100 @ 0");
    EXPECT_EQ(from(repeat({.update_id = 9}, noon + 3s)), "malformed orderbook.1.BTCUSDT")
        << "a repeat with other prices";
}

TEST_F(BybitStreamTest, ARestartOverwritesTheBook) {
    on(top({.update_id = 72, .sequence = 100}));
    EXPECT_EQ(from(top({.bids = level("63000"), .update_id = 1, .sequence = 130})), "63000 63705.4, 130 @ 0");
    EXPECT_EQ(from(repeat({.bids = level("63000"), .update_id = 1, .sequence = 130}, noon + 3s)),
              "63000 63705.4, 130 @ 3000");
    on(top({.bids = level("63001"), .update_id = 2, .sequence = 140}));
    EXPECT_EQ(from(top({.bids = level("63002"), .update_id = 1, .sequence = 5})), "63002 63705.4, 5 @ 0")
        << "the numbering has restarted too";
    EXPECT_EQ(from(top({.bids = level("63003"), .update_id = 2, .sequence = 6})), "63003 63705.4, 6 @ 0");
}

TEST_F(BybitStreamTest, DepthThatLeavesTheTopAloneConfirmsIt) {
    on(top({}));
    EXPECT_EQ(from(depth_snapshot(level("63705.3") + "," + level("63705.0"), level("63705.4"), 100, noon)),
              "nothing");
    EXPECT_EQ(from(depth(level("63700"), level("63705.4", "3"), 41, 120, noon + 1s)),
              "63705.3 63705.4, 100 @ 1000")
        << "under the number of the top";
    EXPECT_EQ(from(depth(level("63700", "0"), "", 42, 130, noon + 1200ms)), "nothing") << "too soon";
    EXPECT_EQ(from(depth("", level("63800"), 43, 140, noon + 2s)), "63705.3 63705.4, 100 @ 2000");
    EXPECT_EQ(from(depth("", level("63800"), 42, 130, noon + 3s)), "nothing") << "older";
    EXPECT_FALSE(tops->is_newest(btc, 139));
    EXPECT_TRUE(tops->is_newest(btc, 140));
}

TEST_F(BybitStreamTest, DepthThatContradictsTheTopEndsItsConfirmation) {
    const std::vector<std::pair<std::string, std::string>> contradictions{
        {level("63705.3", "0"), ""}, {level("63705.35"), ""}, {"", level("63705.4", "0")},
        {"", level("63705.35")},     {R"(["63705.2"])", ""},  {level("NaN"), ""}};
    for (const auto& [bids, asks] : contradictions) {
        SCOPED_TRACE(bids + asks);
        session = make_stream_session(map, {btc, eth, usdc}, tops = std::make_shared<Tops>());
        on(top({}));
        on(depth_snapshot(level("63705.3"), level("63705.4"), 100, noon));
        EXPECT_EQ(from(depth(bids, asks, 41, 110, noon + 1s)), "nothing");
        EXPECT_EQ(from(depth("", "", 42, 120, noon + 2s)), "nothing");
        EXPECT_EQ(from(repeat({}, noon + 3s)), "out_of_order orderbook.1.BTCUSDT");
        EXPECT_EQ(from(top({.update_id = 8, .sequence = 130}, noon + 4s)), "63705.3 63705.4, 100 @ 4000");
        EXPECT_EQ(from(depth("", "", 43, 140, noon + 5s)), "63705.3 63705.4, 100 @ 5000");
    }
}

TEST_F(BybitStreamTest, DepthWithAGapConfirmsNothingUntilTheTopIsKnownAgain) {
    on(top({}));
    on(depth_snapshot(level("63705.3"), level("63705.4"), 100, noon));
    EXPECT_EQ(from(depth("", "", 43, 120, noon + 1s)), "nothing");
    EXPECT_EQ(from(depth("", "", 44, 130, noon + 2s)), "nothing");
    EXPECT_EQ(from(repeat({}, noon + 3s)), "63705.3 63705.4, 100 @ 3000");
    EXPECT_EQ(from(depth("", "", 45, 140, noon + 4s)), "63705.3 63705.4, 100 @ 4000");
}

TEST_F(BybitStreamTest, ATopThatIsOlderThanTheDepthIsNotFollowed) {
    on(depth_snapshot(level("63705.3"), level("63705.4"), 100, noon));
    on(depth("", "", 41, 120, noon + 1s));
    EXPECT_EQ(from(top({.sequence = 110})), "63705.3 63705.4, 110 @ 0");
    EXPECT_EQ(from(depth("", "", 42, 130, noon + 2s)), "nothing");
    EXPECT_EQ(from(depth("", "", 43, 105, noon + 2s)), "nothing");
}

TEST_F(BybitStreamTest, ABookWithoutPriceIsWithdrawnAndNothingConfirmsIt) {
    const std::vector<std::pair<WrittenBook, std::string>> cases{
        {{.bids = "", .update_id = 8, .sequence = 110}, "not_positive"},
        {{.asks = "", .update_id = 8, .sequence = 110}, "not_positive"},
        {{.bids = "", .asks = "", .update_id = 8, .sequence = 110}, "not_positive"},
        {{.bids = level("63705.3", "0"), .update_id = 8, .sequence = 110}, "not_positive"},
        {{.bids = level("63705.5"), .update_id = 8, .sequence = 110}, "crossed"}};
    for (const auto& [book, reason] : cases) {
        SCOPED_TRACE(book.members());
        tops = std::make_shared<Tops>();
        session = make_stream_session(map, {btc, eth, usdc}, tops);
        other = make_stream_session(map, {btc, eth, usdc}, tops);
        on(top({}));
        other->on_frame(top({}), noon);
        on(depth_snapshot(level("63705.3"), level("63705.4"), 100, noon));
        EXPECT_EQ(from(top(book, noon + 1s)), reason + " orderbook.1.BTCUSDT");
        EXPECT_EQ(from(depth("", "", 41, 120, noon + 2s)), "nothing");
        EXPECT_EQ(from(repeat({}, noon + 3s)), "out_of_order orderbook.1.BTCUSDT");
        EXPECT_EQ(told(other->on_frame(repeat({}, noon + 3s), noon + 3s)), "out_of_order orderbook.1.BTCUSDT")
            << "a connection that is behind";
        EXPECT_EQ(from(top({.update_id = 9, .sequence = 130}, noon + 4s)), "63705.3 63705.4, 130 @ 4000");
    }
}

TEST_F(BybitStreamTest, TwoConnectionsNumberATopAlike) {
    on(top({}));
    EXPECT_EQ(told(other->on_frame(top({.update_id = 9, .sequence = 110}, noon + 1s), noon + 1min)),
              "63705.3 63705.4, 100 @ 1000");
    on(top({.asks = level("63706"), .update_id = 10, .sequence = 120}, noon + 2s));
    EXPECT_EQ(told(other->on_frame(repeat({.update_id = 9, .sequence = 110}, noon + 3s), noon + 1min)),
              "out_of_order orderbook.1.BTCUSDT")
        << "the other connection has seen it replaced";
}

TEST_F(BybitStreamTest, UnreadableFramesAreRefusedAndEndTheConfirmation) {
    const std::vector<std::string> bad{
        frame("1", "delta", {.update_id = 8, .sequence = 110}, noon, noon),
        frame("1", "snapshot", {.bids = R"("63705.3")", .update_id = 8, .sequence = 110}, noon, noon),
        frame("1", "snapshot", {.bids = level("-1"), .update_id = 8, .sequence = 110}, noon, noon),
        frame("1", "snapshot", {.update_id = 8, .sequence = 0}, noon, noon),
        frame("1", "snapshot", {.update_id = 8, .sequence = 110}, noon, noon + 2min),
        R"({"topic":"orderbook.1.BTCUSDT","ts":1,"type":"snapshot","data":7,"cts":1})",
        R"({"topic":"orderbook.1.BTCUSDT","ts":1,"type":"snapshot"})"};
    for (const auto& text : bad) {
        session = make_stream_session(map, {btc, eth, usdc}, tops = std::make_shared<Tops>());
        on(top({}));
        EXPECT_EQ(from(text), "malformed orderbook.1.BTCUSDT") << text;
        EXPECT_EQ(from(repeat({}, noon + 3s)), "out_of_order orderbook.1.BTCUSDT") << text;
        EXPECT_EQ(from(top({.update_id = 9, .sequence = 120})), "63705.3 63705.4, 100 @ 0") << text;
    }
    for (const auto* text : {"", "garbage", "[]", "7", R"({"topic":7)"})
        EXPECT_EQ(from(text), "malformed frame") << text;
    EXPECT_EQ(from(R"({"topic":7})"), "unknown_event object");
    EXPECT_EQ(from(std::string(65537, ' ')), "oversized frame");
}

TEST_F(BybitStreamTest, OtherTopicsAreCounted) {
    EXPECT_EQ(from(R"({"topic":"tickers.BTCUSDT","type":"snapshot","data":{}})"),
              "unknown_event tickers.BTCUSDT");
    EXPECT_EQ(from(top({.symbol = "XRPUSDT"})), "unknown_symbol orderbook.1.XRPUSDT");
    EXPECT_EQ(from(R"({"hello":1})"), "unknown_event object");
}

TEST_F(BybitStreamTest, ARefusedSubscriptionIsRepeated) {
    session->on_open();
    const std::string refusal =
        R"({"success":false,"ret_msg":"error:handler not found,topic:orderbook.1.ETHUSDT","conn_id":"x","req_id":"ETHUSDT","op":"subscribe"})";
    const auto pong = R"({"success":true,"ret_msg":"pong","conn_id":"x","op":"ping"})";
    EXPECT_EQ(told(on(refusal, noon)), "venue_error ETHUSDT: error:handler not found,topic:o");
    EXPECT_TRUE(on(pong, noon + 2s).replies.empty());
    const auto again = on(pong, noon + 5s).replies;
    ASSERT_EQ(again.size(), 1U);
    EXPECT_TRUE(again[0].starts_with(R"({"req_id":"ETHUSDT","op":"subscribe")")) << again[0];
    const auto accepted = on(R"({"success":true,"ret_msg":"subscribe","req_id":"ETHUSDT","op":"subscribe"})");
    EXPECT_TRUE(accepted.refusals.empty());
}

TEST_F(BybitStreamTest, PingsEvery20Seconds) {
    session->on_open();
    const auto pings = [&](TimePoint at) { return on(R"({"op":"pong"})", at).replies.size(); };
    EXPECT_EQ(pings(noon), 1U);
    EXPECT_EQ(pings(noon + 19s), 0U);
    EXPECT_EQ(on(R"({"op":"pong"})", noon + 20s).replies.at(0), R"({"req_id":"ping","op":"ping"})");
}

TEST(BybitManySymbols, AreSubscribedToAsTheVenueAnswers) {
    MarketMap map = tether_books();
    std::vector<SymbolId> symbols;
    for (std::uint16_t i = 0; i < 40; ++i) {
        map.symbols.push_back({VenueId{0}, "A" + std::to_string(i) + "USDT", "A", "USDT", {5s, 20, {}, {}}});
        symbols.push_back(static_cast<SymbolId>(i + 3));
    }
    const auto session = make_stream_session(map, symbols, std::make_shared<Tops>());
    EXPECT_EQ(session->on_open().size(), 32U);
    session->on_frame(R"({"op":"pong"})", noon);
    const auto answer = R"({"success":true,"ret_msg":"subscribe","req_id":"A0USDT","op":"subscribe"})";
    EXPECT_EQ(session->on_frame(answer, noon).replies.size(), 1U);
}

}  // namespace
}  // namespace kurs::bybit
