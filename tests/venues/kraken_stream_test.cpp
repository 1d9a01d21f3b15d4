#include "kraken_stream_fixture.hpp"

namespace kurs::kraken {
namespace {

TEST_F(KrakenStreamTest, SubscribesToEveryBookAndToTheStatusOfPairs) {
    const std::vector<std::string> expected{
        R"({"method":"subscribe","params":{"channel":"instrument","snapshot":true}})",
        R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD","USDC/USD","USDT/USD"],"depth":100,"snapshot":true}})"};
    EXPECT_EQ(session->on_open(), expected);
    EXPECT_EQ(session->request().target, "");
    EXPECT_EQ(session->symbols(), (std::vector{btc, eth, usdt, usdc}));
}

TEST_F(KrakenStreamTest, HeartbeatsProveNothing) {
    on(good_snapshot());
    const auto outcome = on(heartbeat, noon + 1s);
    EXPECT_TRUE(outcome.ticks.empty());
    EXPECT_TRUE(outcome.refusals.empty());
}

// simdjson must not read a document again in which it has met broken JSON: found by fuzzing.
TEST_F(KrakenStreamTest, NoAnswerThatIsBrokenAnywhereIsReadOn) {
    for (
        const std::string answer :
        {R"({"method":"subscribe","success":false,"error":"Already subscribed","symbol":"BTC/USD","req_id":[1,{"a":2}]})",
         R"({"method":"subscribe","success":true,"result":{"channel":"book","symbol":"BTC/USD"},"time_in":"2026-11-21T12:00:00Z"})",
         R"({"channel":"instrument","type":"update","data":{"assets":[],"pairs":[{"symbol":"BTC/USD","status":"online"}]}})"}) {
        for (std::size_t i = 0; i < answer.size(); ++i) {
            on(answer.substr(0, i));
            on(answer.substr(0, i) + answer.substr(i + 1));
            for (const char other : {'"', '{', '}', '[', ']', ',', ':', '\\', '0', ' '}) {
                auto broken = answer;
                broken[i] = other;
                on(broken);
            }
        }
    }
    for (
        const auto* const broken :
        {R"({"method":"subscribe","req_id":1,"result":{"channel":"book"},"succe[s":true,"time_in":"2026-08-12T12:00:00Z"})",
         R"({"er&ror":"Currency pair not supported","method":"subscribe":10,"snapshot":true,"symbol":"BTC/USD"},"succe[s":true})",
         R"({"error":"no","method":"subscribe","req_id":2,"success":false,"1664,"channelName":"book-1000","XBsymbol":"BTC/USD"})"})
        EXPECT_FALSE(on(broken).refusals.empty()) << broken;
    EXPECT_FALSE(on(good_snapshot()).ticks.empty()) << "the session lives";
}

TEST_F(KrakenStreamTest, ABrokenBookIsSubscribedToAgainEverMoreRarely) {
    on(heartbeat);
    const auto broken = book_frame("snapshot", book_entry("BTC/USD", bids, asks, 1, noon));
    std::vector<Duration> waits;
    TimePoint last = noon;
    for (TimePoint now = noon; now < noon + 5min; now += 500ms) {
        const auto replies = on(broken, now).replies;
        const auto about_btc = std::ranges::count_if(replies, [](const std::string& reply) {
            return reply.find(R"("subscribe")") != std::string::npos &&
                   reply.find("BTC") != std::string::npos;
        });
        if (about_btc > 0) waits.push_back(now - std::exchange(last, now));
    }
    ASSERT_GE(waits.size(), 8U);
    EXPECT_LE(waits.size(), 16U);
    EXPECT_LE(waits.front(), 1s);
    EXPECT_GE(waits.back(), 30s);
}

TEST_F(KrakenStreamTest, AQuietBookIsConfirmedByANewSubscription) {
    session->on_open();
    on(heartbeat);
    for (const auto* symbol : {"BTC/USD", "ETH/USD", "USDT/USD", "USDC/USD"}) on(good_snapshot(symbol));
    EXPECT_TRUE(on(heartbeat, noon + 1s).replies.empty());
    const std::vector<std::string> asked{
        R"({"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":100}})",
        R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":100,"snapshot":true}})"};
    EXPECT_EQ(on(heartbeat, noon + 2s).replies, asked) << "age limit 5 s";
    EXPECT_TRUE(on(heartbeat, noon + 2500ms).replies.empty()) << "the answer is under way";
    const auto confirmed = on(good_snapshot("BTC/USD", noon + 2s), noon + 2600ms).ticks.at(0);
    EXPECT_EQ(confirmed.observed_at, noon + 2s);
    EXPECT_EQ(on(heartbeat, noon + 3s).replies.size(), 2U) << "USDT and USDC, age limit 10 s";
}

TEST_F(KrakenStreamTest, ConfirmationFitsIntoTheSilenceThatIsAllowed) {
    for (const SymbolId id : state->symbols()) {
        const Duration max_age = map.symbol(id).limits.max_age;
        const Duration heartbeat_period = 1s, path = 300ms;
        EXPECT_LE(max_age * 3 / 10 + heartbeat_period + path, max_age * 6 / 10) << map.symbol(id).name;
    }
}

TEST_F(KrakenStreamTest, ARefusedSubscriptionCostsOnlyItsSymbolAndIsRepeated) {
    on(heartbeat);
    EXPECT_EQ(refusal(refused_subscription("BTC/USD")),
              "venue_error BTC/USD: Currency pair not supported BTC/USD");
    EXPECT_EQ(on(good_snapshot("ETH/USD")).ticks.size(), 1U);
    const auto again = on(heartbeat, noon + 1s).replies;
    ASSERT_EQ(again.size(), 1U) << "nothing to unsubscribe from";
    EXPECT_NE(again[0].find(R"("symbol":["BTC/USD"])"), std::string::npos);
    EXPECT_EQ(refusal(refused_subscription("XBT/USD")),
              "venue_error subscribe: Currency pair not supported XBT/USD");
}

TEST_F(KrakenStreamTest, ASubscriptionThatExistsIsCancelledBeforeTheNext) {
    on(heartbeat);
    EXPECT_EQ(
        refusal(R"({"error":"Already subscribed","method":"subscribe","success":false,"symbol":"BTC/USD"})"),
        "venue_error BTC/USD: Already subscribed");
    const auto again = on(heartbeat, noon + 1s).replies;
    ASSERT_EQ(again.size(), 2U);
    EXPECT_NE(again[0].find(R"("unsubscribe")"), std::string::npos);
    EXPECT_NE(again[0].find(R"("symbol":["BTC/USD"])"), std::string::npos);
}

TEST_F(KrakenStreamTest, AcceptsAcknowledgementsAndPongs) {
    EXPECT_TRUE(on(ack("BTC/USD", noon)).refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z"})").refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"unsubscribe","result":{"channel":"book","depth":100,"symbol":"BTC/USD"},"success":true})")
            .refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"subscribe","result":{"channel":"instrument","snapshot":true},"success":true})")
            .refusals.empty());
    EXPECT_TRUE(on(R"({"method":"subscribe","result":null,"success":true})").refusals.empty());
    EXPECT_EQ(refusal(R"({"method":"subscribe","success":"yes"})"), "venue_error subscribe: ");
}

TEST_F(KrakenStreamTest, AComplaintAboutTheRateSilencesTheSessionForAMinute) {
    on(good_snapshot());
    EXPECT_EQ(refusal(R"({"Error":"Exceeded msg rate"})"), "venue_error Exceeded msg rate");
    for (Duration after = 0s; after < 60s; after += 1s)
        EXPECT_TRUE(on(heartbeat, noon + after).replies.empty());
    EXPECT_FALSE(on(heartbeat, noon + 60s).replies.empty());
}

TEST_F(KrakenStreamTest, RefusesUnknownFrames) {
    EXPECT_EQ(refusal("garbage"), "malformed frame");
    EXPECT_EQ(refusal(""), "malformed frame");
    EXPECT_EQ(refusal("[1,2]"), "malformed frame");
    EXPECT_EQ(refusal("{"), "malformed frame");
    EXPECT_EQ(refusal(R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"pri)"),
              "malformed frame");
    EXPECT_EQ(refusal("{}"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"channel":7})"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"channel":"book"})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"book","data":null})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"book","data":{}})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"status","data":[{"system":7}]})"), "malformed status");
    EXPECT_EQ(refusal(R"({"channel":"status","data":[7]})"), "malformed status");
    EXPECT_EQ(refusal(R"({"channel":"instrument","data":[]})"), "malformed instrument");
    EXPECT_EQ(refusal(R"({"channel":"instrument","data":{"pairs":[null]}})"), "malformed instrument");
    EXPECT_EQ(refusal(R"({"channel":"trade","type":"update","data":[]})"), "unknown_event trade");
    EXPECT_EQ(
        refusal(R"({"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1,"ask":2}]})"),
        "unknown_event ticker");
    EXPECT_EQ(refusal(snapshot("DOGE/USD", bids, asks, noon)), "unknown_symbol DOGE/USD");
    EXPECT_EQ(refusal(std::string(3u << 20, ' ')), "oversized frame");
}

TEST_F(KrakenStreamTest, SurvivesEveryCutAndEveryFlippedByte) {
    const std::vector<std::string> frames{
        good_snapshot(),  update({bids[0]}, bids, noon),   ack("BTC/USD", noon),
        status("online"), instrument("BTC/USD", "online"), refused_subscription("BTC/USD")};
    for (const auto& frame : frames) {
        for (std::size_t length = 0; length < frame.size(); ++length) on(frame.substr(0, length));
        for (std::size_t at = 0; at < frame.size(); ++at) {
            for (const char odd : {'"', '{', '}', '[', ']', ',', ':', '0', 'e', '-', '\0', '\xff', '\\'}) {
                auto broken = frame;
                broken[at] = odd;
                for (const Tick& tick : on(broken).ticks) ASSERT_LE(tick.bid, tick.ask) << broken;
            }
        }
    }
    session = make_stream_session(state);
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

}  // namespace
}  // namespace kurs::kraken
