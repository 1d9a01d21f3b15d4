#include <gtest/gtest.h>

#include "kurs/venues/binance.hpp"
#include "support/market.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct BinanceStreamTest : ::testing::Test {
    MarketMap map = small_market();
    std::unique_ptr<StreamSession> session = make_stream_session(map, {btcusdt, usdcusdt});

    Outcome on(std::string_view frame, TimePoint at = noon) { return session->on_frame(frame, at); }

    std::string_view refusal(std::string_view frame) {
        const auto outcome = on(frame);
        EXPECT_TRUE(outcome.ticks.empty()) << frame;
        return outcome.refusals.size() == 1 ? to_string(outcome.refusals.front().reason) : "none";
    }

    static std::string book(std::string_view u, std::string_view bid, std::string_view ask) {
        return R"({"stream":"btcusdt@bookTicker","data":{"u":)" + std::string(u) + R"(,"s":"BTCUSDT","b":)" +
               std::string(bid) + R"(,"B":"4.7","a":)" + std::string(ask) + R"(,"A":"1.3"}})";
    }

    static std::string mini(TimePoint event_at, std::string_view last = "64117.98") {
        return R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":)" +
               std::to_string(event_at.time_since_epoch().count()) + R"(,"s":"BTCUSDT","c":")" +
               std::string(last) + R"(","o":"1","h":"1","l":"1","v":"1","q":"1"}})";
    }
};

TEST_F(BinanceStreamTest, NamesItsStreamsInTheUrlAndSendsNoCommand) {
    EXPECT_EQ(
        session->request().target,
        "/stream?streams=btcusdt@bookTicker/btcusdt@miniTicker/usdcusdt@bookTicker/usdcusdt@miniTicker");
    EXPECT_TRUE(session->on_open().empty());
}

TEST_F(BinanceStreamTest, ReadsABookWithoutLosingADigit) {
    const auto outcome = on(book("98494969448", R"("64117.98000001")", R"("64117.99")"));
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "64117.98000001");
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "64117.99");
    EXPECT_EQ(outcome.ticks[0].sequence, 98494969448U);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon);
}

TEST_F(BinanceStreamTest, ReadsARawFrameToo) {
    EXPECT_EQ(on(R"({"u":1,"s":"BTCUSDT","b":"1.0","B":"1","a":"1.1","A":"1"})").ticks.size(), 1U);
}

TEST_F(BinanceStreamTest, AMiniTickerConfirmsTheBook) {
    on(book("1", R"("64117.98")", R"("64117.99")"));
    const auto outcome = on(mini(noon + 990ms), noon + 1s);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon + 990ms);
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "64117.99");
}

TEST_F(BinanceStreamTest, AnEventTimeAheadOfOurClockIsClamped) {
    on(book("1", R"("64117.98")", R"("64117.99")"));
    EXPECT_EQ(on(mini(noon + 4s), noon + 1s).ticks.at(0).observed_at, noon + 1s);
}

TEST_F(BinanceStreamTest, ALateConnectionMakesItsBooksOld) {
    on(mini(noon - 7s));
    EXPECT_EQ(on(book("1", R"("64117.98")", R"("64117.99")")).ticks.at(0).observed_at, noon - 7s);
}

TEST_F(BinanceStreamTest, ABookAfterAGapIsNoNewerThanTheGapUntilAnEventTimeCame) {
    on(mini(noon), noon);
    EXPECT_EQ(on(book("1", R"("64117.98")", R"("64117.99")"), noon + 3s).ticks.at(0).observed_at, noon);
    on(mini(noon + 1s), noon + 3100ms);
    EXPECT_EQ(on(book("2", R"("64117.98")", R"("64117.99")"), noon + 3200ms).ticks.at(0).observed_at,
              noon + 1100ms);
}

TEST_F(BinanceStreamTest, RefusesBadBooksAndLives) {
    EXPECT_EQ(refusal(book("1", "null", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("1", R"("0.00000000")", R"("1.0")")), "not_positive");
    EXPECT_EQ(refusal(book("1", R"("-1.0")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("1", R"("NaN")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("1", R"("1e3")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("1", "1.0", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("1", '"' + std::string(40, '9') + '"', R"("1.0")")), "overflow");
    EXPECT_EQ(refusal(book("1", R"("1.1")", R"("1.0")")), "crossed");
    EXPECT_EQ(refusal(book("-1", R"("1.0")", R"("1.0")")), "malformed");
    EXPECT_EQ(on(book("1", R"("1.0")", R"("1.1")")).ticks.size(), 1U);
    EXPECT_EQ(refusal(book("1", R"("1.0")", R"("1.1")")), "out_of_order");
}

TEST_F(BinanceStreamTest, RefusesFramesThatAreNoneOfOurs) {
    EXPECT_EQ(refusal("garbage"), "malformed");
    EXPECT_EQ(refusal(""), "malformed");
    EXPECT_EQ(refusal(R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s")"), "malformed");
    EXPECT_EQ(refusal("[]"), "malformed");
    EXPECT_EQ(refusal(R"({"stream":"x","data":7})"), "malformed");
    EXPECT_EQ(refusal(std::string(1024 * 1024, ' ')), "oversized");
    EXPECT_EQ(refusal(R"({"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"b":2,"u":3,"p":"1"})"), "unknown_event");
    EXPECT_EQ(refusal(R"({"e":7})"), "malformed");
    EXPECT_EQ(refusal(R"({"lastUpdateId":160,"bids":[],"asks":[]})"), "unknown_event");
    EXPECT_EQ(refusal(R"({"u":1,"s":"DOGEUSDT","b":"1.0","B":"1","a":"1.1","A":"1"})"), "unknown_symbol");
    EXPECT_EQ(refusal(mini(noon + 2h)), "malformed") << "not milliseconds";
}

TEST_F(BinanceStreamTest, KnowsBothShapesOfAnError) {
    EXPECT_EQ(refusal(R"({"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2})"),
              "venue_error");
    EXPECT_EQ(refusal(R"({"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"})"),
              "venue_error");
    EXPECT_EQ(refusal(R"({"result":null,"id":1})"), "none");
}

TEST_F(BinanceStreamTest, LeavesWhenTheServerSaysSo) {
    EXPECT_TRUE(on(R"({"e":"serverShutdown","E":1770123456789})").farewell);
    const auto outcome =
        on(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})");
    ASSERT_TRUE(outcome.farewell);
    EXPECT_FALSE(outcome.farewell->is_permanent);
}

}  // namespace
}  // namespace kurs::binance
