#include <algorithm>

#include "coinbase_stream_fixture.hpp"

namespace kurs::coinbase {
namespace {

std::string subscriptions(const std::string& books, const std::string& heartbeats) {
    return R"({"type":"subscriptions","channels":[{"name":"level2_50","product_ids":[)" + books +
           R"(],"account_ids":null},{"name":"heartbeat","product_ids":[)" + heartbeats +
           R"(],"account_ids":null}]})";
}

constexpr auto all = R"("BTC-USD","ETH-USD","USDT-USD")";

struct CoinbaseStream : CoinbaseStreamTest {
    /// The answers to the requests of a new connection.
    void answer() {
        for (int i = 0; i < 3; ++i) EXPECT_EQ(refusal(subscriptions(all, all)), "");
    }
};

TEST_F(CoinbaseStream, SubscribesToEachProductByItself) {
    const auto fresh = make_stream_session(shared);
    EXPECT_EQ(fresh->request().target, "");
    EXPECT_EQ(fresh->on_open(), (Frames{subscribe("BTC-USD"), subscribe("ETH-USD"), subscribe("USDT-USD")}));
}

TEST_F(CoinbaseStream, BeginsWithSomeProductsAndSendsTheOthersAtItsPace) {
    for (int i = 0; i < 37; ++i)
        map.symbols.push_back(
            {VenueId{0}, "C" + std::to_string(i) + "-USD", "C" + std::to_string(i), "USD", {}});
    shared = std::make_shared<Shared>(map, map.symbols_of(VenueId{0}));
    session = make_stream_session(shared);
    auto requested = session->on_open();
    EXPECT_EQ(requested.size(), 16U);
    const auto others = sent(noon, noon + 2300ms);
    EXPECT_EQ(others.size(), 24U) << "ten a second";
    requested.insert(requested.end(), others.begin(), others.end());
    EXPECT_EQ(std::set(requested.begin(), requested.end()).size(), 40U);
}

TEST_F(CoinbaseStream, HoldsAPriceUntilTheStateOfItsProductIsKnown) {
    listed.reset();
    shared = std::make_shared<Shared>(map, std::vector<SymbolId>{btc, eth, usdt});
    session = open();
    TradingSource source(shared->trading);
    on(snapshot({"100"}, {"101"}));
    EXPECT_EQ(tick(update({"99"}, {}, noon)), "");
    source.set_pair(eth, "online");
    EXPECT_EQ(shown(session->on_time(noon + 1s)), "");
    source.set_pair(btc, "limit_only");
    EXPECT_EQ(shown(session->on_time(noon + 2s)), "100 101 #0us +0ms");
    EXPECT_EQ(shown(session->on_time(noon + 3s)), "") << "once";
}

TEST_F(CoinbaseStream, LeavesOutAHaltedProduct) {
    listed->set_pair(eth, "post_only");
    const auto farewell = session->on_time(noon).farewell;
    ASSERT_TRUE(farewell);
    EXPECT_TRUE(farewell->can_wait);
    EXPECT_EQ(make_stream_session(shared)->symbols(), (std::vector{btc, usdt}));
}

TEST_F(CoinbaseStream, TakesTheAcknowledgementsUnderTheVenuesNames) {
    answer();
    begin();
    EXPECT_EQ(refusal(subscriptions(all, all)), "");
    EXPECT_TRUE(session->on_time(noon + 1s).replies.empty());
}

TEST_F(CoinbaseStream, SubscribesAgainToAProductThatDisappearsFromTheSubscriptions) {
    for (const auto& [books, heartbeats] : {std::pair(R"("ETH-USD")", all), std::pair(all, R"("ETH-USD")")}) {
        session = open();
        answer();
        begin();
        const auto outcome = on(subscriptions(books, heartbeats), noon + 10s);
        EXPECT_EQ(refusals(outcome), "venue_error BTC-USD unsubscribed by the venue");
        EXPECT_EQ(outcome.replies, (Frames{unsubscribe("BTC-USD"), subscribe("BTC-USD")}));
        EXPECT_EQ(refusal(subscriptions(books, heartbeats), noon + 11s), "") << "the answers are outstanding";
    }
}

TEST_F(CoinbaseStream, DoesNotTakeAnUnansweredRequestForAnEndedSubscription) {
    begin();
    EXPECT_EQ(refusal(subscriptions("", "")), "");
    EXPECT_EQ(refusal(subscriptions(R"("ETH-USD")", "")), "");
}

TEST_F(CoinbaseStream, AnErrorAnswersARequest) {
    EXPECT_EQ(refusal(R"({"type":"error","message":"Failed to subscribe"})"),
              "venue_error Failed to subscribe");
    begin();
    EXPECT_EQ(refusal(subscriptions("", "")), "") << "one answer is outstanding";
    EXPECT_EQ(refusal(subscriptions("", "")), "venue_error BTC-USD unsubscribed by the venue");
}

TEST_F(CoinbaseStream, RepeatsARefusedSubscriptionEverMoreRarely) {
    const std::string refused =
        R"({"type":"error","message":"Failed to subscribe","reason":"BTC-USD is not a valid product"})";
    EXPECT_EQ(refusal(refused), "venue_error Failed to subscribe: BTC-USD is not a valid product");
    std::vector<Duration> waits;
    TimePoint last = noon;
    for (TimePoint now = noon; now < noon + 10min; now += 100ms) {
        for (const auto& reply : session->on_time(now).replies) {
            EXPECT_FALSE(reply.starts_with(R"({"type":"unsubscribe")")) << "it was never accepted";
            if (reply == subscribe("BTC-USD")) waits.push_back(now - std::exchange(last, now));
        }
    }
    ASSERT_GE(waits.size(), 9U);
    EXPECT_LE(waits.size(), 25U);
    EXPECT_GE(waits.front(), 2500ms);
    EXPECT_GE(waits.back(), 30s);
}

TEST_F(CoinbaseStream, CountsFramesThatItDoesNotKnow) {
    const std::vector<std::pair<std::string, std::string>> frames{
        {"", "malformed frame"},
        {"<html>", "malformed frame"},
        {"[1]", "malformed frame"},
        {R"({"type":"snapshot","product_id":"BTC-USD","asks":[)", "malformed frame"},
        {"{}", "unknown_event object"},
        {R"({"type":7})", "unknown_event object"},
        {R"({"type":"ticker","product_id":"BTC-USD","best_bid":"1","best_ask":"2"})", "unknown_event ticker"},
        {R"({"type":"last_match","product_id":"BTC-USD"})", "unknown_event last_match"},
        {R"({"type":"error","message":"ErrSlowConsume"})", "venue_error ErrSlowConsume"},
        {R"({"type":"subscriptions"})", "malformed subscriptions"},
        {R"({"type":"subscriptions","channels":{}})", "malformed subscriptions"},
        {R"({"type":"subscriptions","channels":[{"name":"level2_50","product_ids":"BTC-USD"}]})",
         "malformed subscriptions"},
        {R"({"type":"subscriptions","channels":[{"name":"heartbeat","product_ids":[7]}]})",
         "malformed subscriptions"},
        {R"({"type":"heartbeat","sequence":7})", "unknown_symbol "},
        {snapshot({"1"}, {"2"}, "DOGE-USD"), "unknown_symbol DOGE-USD"},
        {update({"1"}, {"2"}, noon, "BTC-USDC"), "unknown_symbol BTC-USDC"}};
    for (const auto& [frame, expected] : frames) EXPECT_EQ(refusal(frame), expected) << frame;
}

TEST_F(CoinbaseStream, ARequestWithoutASnapshotIsRepeated) {
    EXPECT_TRUE(session->on_time(noon).replies.empty());
    const auto repeated = sent(noon + 100ms, noon + 5500ms);
    EXPECT_EQ(std::set(repeated.begin(), repeated.end()),
              (std::set{subscribe("BTC-USD"), subscribe("ETH-USD"), subscribe("USDT-USD")}));
    EXPECT_EQ(repeated.size(), 3U);
}

TEST_F(CoinbaseStream, ProductsDoNotMix) {
    begin();
    on(snapshot({"10"}, {"11"}, "ETH-USD"));
    EXPECT_EQ(tick(update({"10.5"}, {}, noon + 1s, "ETH-USD"), noon + 1s), "10.5 11 #1000000us +1000ms");
    on(heartbeat(7, noon + 1s, "ETH-USD"), noon + 1s);
    EXPECT_EQ(tick(heartbeat(7, noon + 2s), noon + 2s), "") << "the first of BTC-USD";
    EXPECT_EQ(tick(update({}, {}, noon + 2s), noon + 2s), "100 101 #0us +2000ms");
}

TEST_F(CoinbaseStream, AFrameThatCannotBeReadCostsEveryBook) {
    on(snapshot({"10"}, {"11"}, "ETH-USD"));
    on(update({}, {}, noon, "ETH-USD"));
    begin();
    on(heartbeat(7, noon + 1s), noon + 1s);
    EXPECT_EQ(refusal(R"({"type":"l2upd)", noon + 1s), "malformed frame");
    EXPECT_EQ(tick(heartbeat(7, noon + 2s), noon + 2s), "") << "it may have been an update";
    EXPECT_EQ(tick(update({}, {}, noon + 2s, "ETH-USD"), noon + 2s), "");
    sent(noon + 2s, noon + 6s);
    for (const auto& request : {unsubscribe("BTC-USD"), subscribe("BTC-USD"), unsubscribe("ETH-USD")})
        EXPECT_EQ(std::ranges::count(requests, request), 1) << request;
}

TEST_F(CoinbaseStream, AnUnknownMemberChangesNothing) {
    EXPECT_EQ(tick(R"({"new":[{}],"type":"snapshot","product_id":"BTC-USD","time":7,)" +
                   members({"100"}, {"101"}) + "}"),
              "");
    EXPECT_EQ(tick(R"({"type":"l2update","zz":null,"changes":[["buy","99","1","x"]],"product_id":"BTC-USD",)"
                   R"("time":"2026-11-21T12:00:00.000007Z"})"),
              "100 101 #7us +0ms");
}

TEST_F(CoinbaseStream, AnUpdateMayBeTenSecondsAhead) {
    begin();
    EXPECT_EQ(refusals(on(update({"98"}, {}, noon + clock_difference_limit))), "");
    EXPECT_EQ(refusals(on(update({"98"}, {}, noon + clock_difference_limit + 1ms))), "malformed BTC-USD");
}

}  // namespace
}  // namespace kurs::coinbase
