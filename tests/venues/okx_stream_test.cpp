#include <set>

#include "okx_stream_fixture.hpp"

namespace kurs::okx {
namespace {

const std::string error_of_eth =
    R"({"event":"error","msg":"Subscribe failed, wrong URL or channel:books,instId:ETH-USDT doesn't exist.","code":"60018","connId":"5e1f2fe5","id":"books1"})";
const std::string rotation =
    R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})";

std::string instrument(std::string_view symbol, std::string_view state) {
    return R"({"arg":{"channel":"instruments","instType":"SPOT"},"data":[{"instId":")" + std::string(symbol) +
           R"(","state":")" + std::string(state) + R"("}]})";
}

TEST_F(OkxStreamTest, SubscribesWithARequestForEachChannel) {
    const std::vector<std::string> first{
        R"({"id":"instruments","op":"subscribe","args":[{"channel":"instruments","instType":"SPOT"}]})",
        R"({"id":"bbo0","op":"subscribe","args":[{"channel":"bbo-tbt","instId":"BTC-USDT"}]})",
        R"({"id":"bbo1","op":"subscribe","args":[{"channel":"bbo-tbt","instId":"ETH-USDT"}]})",
        R"({"id":"bbo2","op":"subscribe","args":[{"channel":"bbo-tbt","instId":"USDC-USDT"}]})"};
    EXPECT_EQ(session->on_open(), first);
    EXPECT_EQ(session->request().target, "");
    EXPECT_EQ(session->symbols(), (std::vector{btc, eth, usdc}));
    const auto then =
        on(R"({"id":"bbo0","event":"subscribe","arg":{"channel":"bbo-tbt","instId":"BTC-USDT"}})").replies;
    ASSERT_EQ(then.size(), 3U);
    EXPECT_EQ(then[2],
              R"({"id":"books2","op":"subscribe","args":[{"channel":"books","instId":"USDC-USDT"}]})");
    EXPECT_TRUE(on(top("1", "2", 1, noon)).replies.empty());
}

TEST_F(OkxStreamTest, ManySymbolsAreSubscribedToInParts) {
    MarketMap many;
    many.venues = {"okx"};
    for (int i = 0; i < 100; ++i)
        many.symbols.push_back(
            {VenueId{0}, "A" + std::to_string(i) + "-USDT", "BTC", "USDT", {5s, 20, {}, {}}});
    session = make_stream_session(std::make_shared<Shared>(many, many.symbols_of(VenueId{0})));
    const auto first = session->on_open();
    EXPECT_LE(first.size(), 20U);
    std::set<std::string> requests(first.begin(), first.end());
    for (int i = 0; i < 20; ++i) {
        const auto more = on("pong", noon + i * 200ms).replies;
        EXPECT_LE(more.size(), 20U);
        requests.insert(more.begin(), more.end());
    }
    EXPECT_EQ(requests.size(), 201U);
}

TEST_F(OkxStreamTest, ASnapshotThatDoesNotComeIsRequestedAgain) {
    session->on_open();
    on("pong");
    EXPECT_TRUE(session->on_time(noon + 500ms).replies.empty());
    EXPECT_EQ(session->on_time(noon + 2s).replies.size(), 3U)
        << "without an acknowledgement there is nothing to cancel";
}

TEST_F(OkxStreamTest, ARefusedSubscriptionCostsOnlyItsSymbolAndIsRepeated) {
    session->on_open();
    on("pong");
    EXPECT_EQ(refusal(error_of_eth).substr(0, 47), "venue_error ETH-USDT: 60018 Subscribe failed, w");
    for (const auto* symbol : {"BTC-USDT", "USDC-USDT"}) on(snapshot({"1"}, {"2"}, 1, noon, symbol));
    EXPECT_EQ(tick(top("100", "101", 7, noon, "ETH-USDT")), "100 101 #7 +0ms") << "its other channel";
    const auto again = session->on_time(noon + 5s).replies;
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0],
              R"({"id":"books1","op":"subscribe","args":[{"channel":"books","instId":"ETH-USDT"}]})");
    EXPECT_EQ(
        refusal(
            R"({"id":"1512","event":"error","code":"60012","msg":"Invalid request: {}","connId":"a4d3ae55"})"),
        "venue_error 60012 Invalid request: {}");
    EXPECT_EQ(refusal(R"({"event":"error"})"), "venue_error  ");
}

TEST_F(OkxStreamTest, AComplaintAboutTheRateSilencesTheSessionForAMinute) {
    session->on_open();
    EXPECT_EQ(refusal(R"({"event":"error","code":"60014","msg":"Requests too frequent","id":"bbo0"})"),
              "venue_error BTC-USDT: 60014 Requests too frequent");
    EXPECT_TRUE(on("pong", noon + 59s).replies.empty());
    EXPECT_FALSE(on("pong", noon + 60s).replies.empty());
}

TEST_F(OkxStreamTest, AConnectionThatHasSpentItsRequestsIsReplaced) {
    session->on_open();
    int requests = 0;
    std::optional<Farewell> farewell;
    for (TimePoint now = noon; !farewell && now < noon + 3h; now += 1s) {
        const auto outcome = on("pong", now);  // no snapshot ever comes
        for (const auto& reply : outcome.replies) requests += reply != "ping";
        farewell = outcome.farewell;
    }
    ASSERT_TRUE(farewell);
    EXPECT_TRUE(farewell->can_wait);
    EXPECT_LE(requests, 480);
}

TEST_F(OkxStreamTest, PingsAfterTenSecondsOfSilence) {
    EXPECT_TRUE(session->on_time(noon).replies.empty());
    for (const auto* symbol : {"BTC-USDT", "ETH-USDT", "USDC-USDT"})
        on(snapshot({"1"}, {"2"}, 1, noon, symbol));
    EXPECT_TRUE(session->on_time(noon + 9900ms).replies.empty());
    EXPECT_EQ(session->on_time(noon + 10s).replies, std::vector<std::string>{"ping"});
    EXPECT_TRUE(session->on_time(noon + 10200ms).replies.empty());
    EXPECT_EQ(session->on_time(noon + 20s).replies, std::vector<std::string>{"ping"});
    on("pong", noon + 20100ms);
    EXPECT_TRUE(session->on_time(noon + 30s).replies.empty());
}

TEST_F(OkxStreamTest, AnAnnouncedUpgradeIsAPlannedRotation) {
    const auto outcome = on(rotation);
    ASSERT_TRUE(outcome.farewell);
    EXPECT_TRUE(outcome.farewell->can_wait);
    EXPECT_FALSE(outcome.farewell->is_permanent);
    EXPECT_EQ(tick(top("1", "2", 1, noon)), "1 2 #1 +0ms") << "meanwhile it delivers";
}

TEST_F(OkxStreamTest, AcceptsAcknowledgementsAndCounts) {
    for (const auto* text :
         {"pong",
          R"({"id":"bbo0","event":"subscribe","arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"connId":"a"})",
          R"({"id":"ubooks0","event":"unsubscribe","arg":{"channel":"books","instId":"BTC-USDT"}})",
          R"({"event":"channel-conn-count","channel":"orders","connCount":"2","connId":"abcd1234"})"}) {
        EXPECT_EQ(tick(text), "");
    }
}

TEST_F(OkxStreamTest, RefusesUnknownFrames) {
    for (const auto* text :
         {"garbage", "", "[1,2]", "{", "ping", "pongs", R"({"arg":{"channel":"bbo-tbt","inst)"})
        EXPECT_EQ(refusal(text), "malformed frame") << text;
    EXPECT_EQ(refusal("{}"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"event":7})"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"arg":7})"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"event":"dance"})"), "unknown_event dance");
    EXPECT_EQ(refusal(R"({"event":"notice","code":"1"})"), "unknown_event notice 1");
    EXPECT_EQ(refusal(R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[]})"),
              "unknown_event trades");
    EXPECT_EQ(refusal(top("1", "2", 1, noon, "DOGE-USDT")), "unknown_symbol DOGE-USDT");
    EXPECT_EQ(refusal(R"({"arg":{"channel":"instruments"},"data":{}})"), "malformed instruments");
    EXPECT_EQ(refusal(R"({"arg":{"channel":"instruments"},"data":[{"instId":"BTC-USDT"}]})"),
              "malformed BTC-USDT");
    EXPECT_EQ(refusal(std::string(2u << 20, ' ')), "oversized frame");
}

TEST_F(OkxStreamTest, AHaltIsTold) {
    on(top("1", "2", 1, noon));
    for (const auto* state : {"suspend", "preopen", "test", "something new"}) {
        const auto outcome = on(instrument("BTC-USDT", state));
        ASSERT_EQ(outcome.listings.size(), 1U);
        EXPECT_FALSE(outcome.listings[0].is_trading);
        EXPECT_EQ(outcome.listings[0].status, state);
        EXPECT_TRUE(outcome.farewell);
    }
    EXPECT_EQ(make_stream_session(shared)->symbols(), (std::vector{eth, usdc}));
    EXPECT_TRUE(on(instrument("BTC-USDT", "live")).listings.at(0).is_trading);
    EXPECT_TRUE(on(instrument("DOGE-USDT", "live")).listings.empty());
}

TEST_F(OkxStreamTest, ASessionWithoutTradedSymbolsKeepsItsConnection) {
    for (const SymbolId symbol : {btc, eth, usdc}) listed->set_pair(symbol, "suspend");
    EXPECT_EQ(make_stream_session(shared)->symbols().size(), 3U);
}

TEST_F(OkxStreamTest, ABookMakesNoPriceBeforeItsStateIsKnown) {
    listed.reset();
    EXPECT_EQ(tick(top("1", "2", 1, noon)), "");
    EXPECT_EQ(tick(top("5", "6", 1, noon, "ETH-USDT")), "");
    on(top("6", "5", 2, noon, "ETH-USDT"));
    listed.emplace(shared->trading);
    listed->set_pair(btc, "live");
    listed->set_pair(eth, "live");
    EXPECT_EQ(shown(session->on_time(noon + 1s)), "1 2 #1 +0ms") << "the held price, with its own time";
}

TEST_F(OkxStreamTest, SurvivesEveryCutAndEveryFlippedByte) {
    const std::vector<std::string> frames{top("100", "101", 7, noon),
                                          snapshot({"100", "99"}, {"101"}, 7, noon),
                                          update({"-99"}, {"102"}, 9, 7, noon),
                                          error_of_eth,
                                          rotation,
                                          instrument("BTC-USDT", "live")};
    for (const auto& text : frames) {
        for (std::size_t length = 0; length < text.size(); ++length) on(text.substr(0, length));
        for (std::size_t at = 0; at < text.size(); ++at) {
            for (const char odd : {'"', '{', '}', '[', ']', ',', ':', '0', 'e', '-', '\0', '\xff', '\\'}) {
                auto broken = text;
                broken[at] = odd;
                for (const Tick& tick : on(broken).ticks) ASSERT_LE(tick.bid, tick.ask) << broken;
            }
        }
    }
    session = make_stream_session(std::make_shared<Shared>(map, std::vector{btc}));
}

}  // namespace
}  // namespace kurs::okx
