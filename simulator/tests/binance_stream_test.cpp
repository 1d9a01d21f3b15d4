#include "binance_stream.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "fake_peer.hpp"
#include "fault_catalogue.hpp"

using namespace sim;

namespace {

StreamEvent book_of(int update_id) {
    const auto price = std::to_string(64'000 + update_id) + ".00000000";
    return {"BTCUSDT", "bookTicker", "btcusdt@bookTicker",
            R"({"u":)" + std::to_string(update_id) + R"(,"s":"BTCUSDT","b":")" + price +
                R"(","B":"1.0","a":")" + price + R"(","A":"2.0"})"};
}

int update_id_of(const Frame& frame) {
    return nlohmann::json::parse(frame.text)["data"]["u"].get<int>();
}

const StreamEvent book{
    "BTCUSDT", "bookTicker", "btcusdt@bookTicker",
    R"({"u":7,"s":"BTCUSDT","b":"64000.00000000","B":"1.0","a":"64000.01000000","A":"2.0"})"};

/// One client on port 1, subscribed to the book of BTCUSDT.
class BinanceStreamTest : public testing::Test {
protected:
    void set_fault(const char* body, int ms = 0) {
        faults.add(parse_fault(nlohmann::json::parse(body), at(ms), false));
    }
    void strike(const char* body) {
        stream.strike(parse_fault(nlohmann::json::parse(body), at(0), false), at(0));
    }
    static Request request() {
        Request request;
        parse_target("/stream?streams=btcusdt@bookTicker", request);
        return request;
    }

    FaultTable faults;
    int sent = 0;
    BinanceStream stream{
        faults,
        {.ping_every = Millis{20'000}, .pong_limit = Millis{60'000}, .lifetime = Millis{100'000}},
        {},
        [this](const StreamEvent&) { ++sent; }};
    FakePeer peer;
    std::unique_ptr<StreamSession> session = stream.open(request(), peer, 1, at(0));
};

}  // namespace

TEST_F(BinanceStreamTest, SendsWhatWasAskedFor) {
    stream.publish(book, at(0));
    stream.publish({"ETHUSDT", "miniTicker", "ethusdt@miniTicker", "{}"}, at(0));
    ASSERT_EQ(peer.frames.size(), 1U);
    EXPECT_EQ(peer.last(), R"({"stream":"btcusdt@bookTicker","data":)" + book.payload + "}");
    EXPECT_EQ(sent, 1);
}

TEST_F(BinanceStreamTest, MutedStreamSaysNothingButStillPings) {
    set_fault(R"({"endpoint":"binance_stream","fault":"mute"})");
    stream.publish(book, at(0));
    stream.advance(at(20'000));
    EXPECT_TRUE(peer.frames.empty());
    EXPECT_EQ(peer.pings.size(), 1U);
    EXPECT_EQ(sent, 0);
}

TEST_F(BinanceStreamTest, BlackholeHoldsTheWire) {
    set_fault(R"({"endpoint":"binance_stream","fault":"blackhole","for":"1s"})");
    stream.advance(at(0));
    stream.publish(book, at(0));
    EXPECT_TRUE(peer.is_held);
    EXPECT_TRUE(peer.frames.empty());
    stream.advance(at(1000));
    EXPECT_FALSE(peer.is_held);
}

TEST_F(BinanceStreamTest, CorruptionIsNotCountedAsSent) {
    set_fault(R"({"endpoint":"binance_stream","fault":"corrupt","value":"zero_price","count":1})");
    stream.publish(book, at(0));
    EXPECT_NE(peer.last().find(R"("b":"0.00000000")"), std::string::npos);
    EXPECT_EQ(sent, 0);
    stream.publish(book, at(0));
    EXPECT_EQ(sent, 1);
}

TEST_F(BinanceStreamTest, SixthCommandInASecondIsTooMany) {
    for (int i = 0; i < 6; ++i) session->on_text(R"({"method":"LIST_SUBSCRIPTIONS","id":1})", at(i));
    ASSERT_TRUE(peer.ending);
    EXPECT_EQ(peer.ending->code, 1008);
    EXPECT_EQ(peer.ending->reason, "Too many requests");
    EXPECT_EQ(peer.frames.size(), 5U);
}

TEST_F(BinanceStreamTest, MissingPongEndsIt) {
    stream.advance(at(20'000));
    session->on_pong(peer.pings.front(), at(20'001));
    stream.advance(at(60'000));
    EXPECT_FALSE(peer.ending);
    stream.advance(at(80'001));
    ASSERT_TRUE(peer.ending);
    EXPECT_EQ(peer.ending->reason, "Pong timeout");
}

TEST_F(BinanceStreamTest, ShutdownIsAnnouncedAndThenHappens) {
    strike(R"({"endpoint":"binance_stream","fault":"server_shutdown"})");
    EXPECT_TRUE(peer.last().starts_with(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":)"));
    stream.advance(at(1999));
    EXPECT_FALSE(peer.ending);
    stream.advance(at(2000));
    EXPECT_TRUE(peer.ending);
}

TEST_F(BinanceStreamTest, CutStrikesItsLineOnly) {
    strike(R"({"endpoint":"binance_stream","fault":"cut","line":2})");
    EXPECT_FALSE(peer.ending);
    strike(R"({"endpoint":"binance_stream","fault":"cut","line":1,"value":1006})");
    ASSERT_TRUE(peer.ending);
    EXPECT_EQ(peer.ending->how, Ending::How::drop);
}

TEST_F(BinanceStreamTest, LostAndDelayedAnswers) {
    set_fault(R"({"endpoint":"binance_stream","fault":"lose_ack","count":1})");
    session->on_text(R"({"method":"LIST_SUBSCRIPTIONS","id":1})", at(0));
    EXPECT_TRUE(peer.frames.empty());
    set_fault(R"({"endpoint":"binance_stream","fault":"delay_ack","value":700})");
    session->on_text(R"({"method":"LIST_SUBSCRIPTIONS","id":1})", at(0));
    EXPECT_EQ(peer.frames.back().delay, Millis{700});
}

TEST_F(BinanceStreamTest, RefusedUpgradeIsAnHttpAnswer) {
    EXPECT_FALSE(stream.refusal(request(), 1, at(0)));
    set_fault(R"({"endpoint":"binance_stream","fault":"refuse","value":429,"line":1})");
    const auto refusal = stream.refusal(request(), 1, at(0));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 429U);
    EXPECT_EQ(refusal->headers.front().second, "7");
    EXPECT_FALSE(stream.refusal(request(), 2, at(0)));
}

TEST_F(BinanceStreamTest, LateVenueSendsEverythingLater) {
    set_fault(R"({"endpoint":"binance_stream","fault":"late","value":7000})");
    stream.publish(book, at(0));
    ASSERT_EQ(peer.frames.size(), 1U);
    EXPECT_EQ(peer.frames[0].delay, Millis{7000});
}

TEST_F(BinanceStreamTest, ConnectionToLateVenueBeginsWithWhatIsOnItsWay) {
    for (int second = 0; second <= 9; ++second) stream.publish(book_of(second + 1), at(second * 1000));
    set_fault(R"({"endpoint":"binance_stream","fault":"late","value":7000})");
    FakePeer newcomer;
    const auto late = stream.open(request(), newcomer, 1, at(9500));
    ASSERT_EQ(newcomer.frames.size(), 7U);
    EXPECT_EQ(update_id_of(newcomer.frames[0]), 4);
    EXPECT_EQ(newcomer.frames[0].delay, Millis{500});
    EXPECT_EQ(newcomer.frames[6].delay, Millis{6500});
}

TEST_F(BinanceStreamTest, ConnectionToPunctualVenueBeginsWithNothing) {
    stream.publish(book, at(0));
    FakePeer newcomer;
    const auto session_of_newcomer = stream.open(request(), newcomer, 1, at(1));
    EXPECT_TRUE(newcomer.frames.empty());
}

TEST_F(BinanceStreamTest, OldBookIsRepeatedUntilTheFaultEnds) {
    for (int second = 0; second <= 9; ++second) stream.publish(book_of(second + 1), at(second * 1000));
    set_fault(
        R"({"endpoint":"binance_stream","fault":"old_book","value":5000,"symbol":"BTCUSDT","for":"2s"})",
        10'000);
    peer.frames.clear();
    sent = 0;
    stream.publish(book_of(11), at(10'000));
    stream.publish(book_of(12), at(11'000));
    FakePeer newcomer;
    const auto session_of_newcomer = stream.open(request(), newcomer, 1, at(11'500));
    stream.publish(book_of(13), at(11'900));
    stream.publish(book_of(14), at(12'000));
    ASSERT_EQ(peer.frames.size(), 4U);
    EXPECT_EQ(update_id_of(peer.frames[0]), 6);
    EXPECT_EQ(update_id_of(peer.frames[1]), 6);
    EXPECT_EQ(update_id_of(peer.frames[3]), 14);
    EXPECT_EQ(update_id_of(newcomer.frames[0]), 6);
    EXPECT_EQ(sent, 1);
}

TEST_F(BinanceStreamTest, OldBookThatIsNotKnownIsNotSent) {
    set_fault(R"({"endpoint":"binance_stream","fault":"old_book","value":5000})");
    stream.publish(book, at(0));
    EXPECT_TRUE(peer.frames.empty());
}
