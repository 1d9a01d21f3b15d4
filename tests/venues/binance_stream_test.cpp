#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/binance/sessions.hpp"

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

    static std::string wrapped(std::string_view stream, std::string_view data) {
        return R"({"stream":")" + std::string(stream) + R"(","data":)" + std::string(data) + "}";
    }

    static std::string book(std::string_view u, std::string_view bid, std::string_view ask) {
        return wrapped("btcusdt@bookTicker", R"({"u":)" + std::string(u) + R"(,"s":"BTCUSDT","b":)" +
                                                 std::string(bid) + R"(,"B":"4.7","a":)" + std::string(ask) +
                                                 R"(,"A":"1.3"})");
    }

    static std::string good_book(int u) { return book(std::to_string(u), R"("64117.98")", R"("64117.99")"); }

    static std::string mini(TimePoint event_at, std::string_view last = "64117.98") {
        return R"({"stream":"btcusdt@miniTicker","data":{"e":"24hrMiniTicker","E":)" +
               std::to_string(event_at.time_since_epoch().count()) + R"(,"s":"BTCUSDT","c":")" +
               std::string(last) + R"(","o":"1","h":"1","l":"1","v":"1","q":"1"}})";
    }

    static std::string depth(std::string_view head, std::string_view bids, std::string_view asks,
                             TimePoint event_at = noon) {
        return wrapped("btcusdt@depth", R"({"e":"depthUpdate","E":)" +
                                            std::to_string(event_at.time_since_epoch().count()) +
                                            R"(,"s":"BTCUSDT",)" + std::string(head) + R"(,"b":)" +
                                            std::string(bids) + R"(,"a":)" + std::string(asks) + "}");
    }

    /// A depth event that changes this many levels of each side.
    static std::string large_depth(std::size_t levels) {
        std::string bids, asks;
        for (std::size_t level = 0; level < levels; ++level) {
            const std::string separator = level == 0 ? "" : ",";
            const std::string rest = std::to_string(10'000 + level) + R"(.12345678","12345678.12345678"])";
            bids += separator + R"([")" + rest;
            asks += separator + R"(["9)" + rest;
        }
        return depth(R"("U":1,"u":20000)", "[" + bids + "]", "[" + asks + "]");
    }
};

TEST_F(BinanceStreamTest, NamesItsStreamsInTheUrlAndSendsNoCommand) {
    EXPECT_EQ(session->request().target,
              "/stream?streams=btcusdt@depth/btcusdt@bookTicker/btcusdt@miniTicker/"
              "usdcusdt@depth/usdcusdt@bookTicker/usdcusdt@miniTicker");
    EXPECT_TRUE(session->on_open().empty());
}

TEST_F(BinanceStreamTest, ReadsEveryDigitOfABook) {
    on(mini(noon), noon);
    const auto outcome = on(book("98494969448", R"("64117.98000001")", R"("64117.99")"), noon + 10ms);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "64117.98000001");
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "64117.99");
    EXPECT_EQ(outcome.ticks[0].sequence, 98494969448U);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon + 10ms);
}

TEST_F(BinanceStreamTest, ReadsRawFrames) {
    on(mini(noon), noon);
    EXPECT_EQ(on(R"({"u":1,"s":"BTCUSDT","b":"1.0","B":"1","a":"1.1","A":"1"})").ticks.size(), 1U);
}

TEST_F(BinanceStreamTest, IgnoresUnknownKeysAndEventNames) {
    on(mini(noon), noon);
    const auto delivers = [&](const std::string& frame) {
        return on(frame).ticks.size() == 1 && on(mini(noon), noon).ticks.size() == 1;
    };
    const std::string prices = R"("s":"BTCUSDT","b":"64117.98","B":"1","a":"64117.99","A":"1"})";
    EXPECT_TRUE(delivers(wrapped("btcusdt@bookTicker", R"({"e":"bookTicker","E":1,"T":1,"u":1,)" + prices)));
    EXPECT_TRUE(delivers(R"({"e":"bookTicker","u":2,)" + prices)) << "raw";
    EXPECT_TRUE(delivers(wrapped("btcusdt@bookTicker", R"({"e":7,"u":3,)" + prices)));
    EXPECT_TRUE(
        delivers(wrapped("btcusdt@bookTicker", R"({"code":0,"msg":"","result":null,"u":4,)" + prices)));
    EXPECT_EQ(on(wrapped("btcusdt@miniTicker", R"({"e":"24hrMiniTicker","E":1795262400000,"s":"BTCUSDT",)"
                                               R"("c":"64117.98","u":9,"b":"1","a":"2"})"))
                  .refusals.size(),
              0U);
}

TEST_F(BinanceStreamTest, AnUnknownEventOnABookStreamInvalidatesNothing) {
    on(good_book(1));
    EXPECT_EQ(
        refusal(wrapped("btcusdt@bookTicker", R"({"e":"somethingNew","E":1,"s":"BTCUSDT","x":{"y":1}})")),
        "unknown_event");
    EXPECT_EQ(on(mini(noon)).ticks.size(), 1U);
}

TEST_F(BinanceStreamTest, ABookIsNoTickUntilTheFirstEventTime) {
    EXPECT_TRUE(on(good_book(1)).ticks.empty());
    EXPECT_TRUE(on(good_book(1)).ticks.empty());
    EXPECT_EQ(on(mini(noon - 7s)).ticks.at(0).observed_at, noon - 7s);
    EXPECT_EQ(on(good_book(2)).ticks.at(0).observed_at, noon - 7s);
}

TEST_F(BinanceStreamTest, AnEventTimeDatesOnlyItsOwnSymbol) {
    on(mini(noon), noon);
    const auto usdc = [](int u) {
        return R"({"u":)" + std::to_string(u) + R"(,"s":"USDCUSDT","b":"1","B":"1","a":"1.0001","A":"1"})";
    };
    EXPECT_TRUE(on(usdc(1)).ticks.empty());
}

TEST_F(BinanceStreamTest, AMiniTickerConfirmsTheBook) {
    on(good_book(1));
    const auto outcome = on(mini(noon + 990ms), noon + 1s);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon + 990ms);
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "64117.99");
}

TEST_F(BinanceStreamTest, AnInvalidBookRevokesTheConfirmation) {
    const std::string taken_back[] = {
        book("2", R"("0.00000000")", R"("0.00000000")"),  // empty
        book("2", R"("64117.98")", R"("0.00000000")"),    // one-sided
        book("2", "null", "null"),
        book("2", R"("64118")", R"("64117")"),  // crossed
        book("null", R"("64117.98")", R"("64117.99")"),
        book("2", R"("")", R"("64117.99")"),
        wrapped("btcusdt@bookTicker", "null"),
        wrapped("btcusdt@bookTicker", "[]"),
        wrapped("btcusdt@bookTicker", R"({"u":2,"s":"BTCUSDT"})"),
        wrapped("btcusdt@bookTicker", R"({"u":2,"s":null,"b":"1","a":"1"})"),
        wrapped("btcusdt@bookTicker", R"({"u":2,"s":"BTCUSDT","b":"1","B":"0.000","a":"2","A":"1"})"),
    };
    for (const auto& frame : taken_back) {
        session = make_stream_session(map, {btcusdt, usdcusdt});
        on(good_book(1));
        ASSERT_EQ(on(mini(noon)).ticks.size(), 1U);
        EXPECT_EQ(on(frame).refusals.size(), 1U) << frame;
        EXPECT_TRUE(on(mini(noon + 1s), noon + 1s).ticks.empty()) << frame;
        EXPECT_EQ(on(good_book(3), noon + 2s).ticks.size(), 1U) << frame;
        EXPECT_EQ(on(mini(noon + 2s), noon + 2s).ticks.size(), 1U) << frame;
    }
}

TEST_F(BinanceStreamTest, ABookWithoutANumberDoesNotOvertakeTheFirstOne) {
    on(mini(noon));
    EXPECT_EQ(on(book("null", R"("64117.98")", R"("64117.99")")).refusals.size(), 1U);
    EXPECT_EQ(on(good_book(1)).ticks.size(), 1U);
}

TEST_F(BinanceStreamTest, ADepthEventConfirmsTheBook) {
    on(good_book(7));
    const auto frame = depth(R"("U":7,"u":9)", R"([["64117.98","1.0"],["64117.9","0.00000000"]])",
                             R"([["64118.00","3"]])", noon + 990ms);
    const auto outcome = on(frame, noon + 1s);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon + 990ms);
    EXPECT_EQ(outcome.ticks[0].sequence, 7U);
    EXPECT_EQ(refusal(frame), "out_of_order");
}

TEST_F(BinanceStreamTest, ADepthEventEndsABookThatChangedWithoutABookTicker) {
    on(good_book(7));
    ASSERT_EQ(on(mini(noon)).ticks.size(), 1U);
    const auto outcome =
        on(depth(R"("U":8,"u":8)", R"([["64117.98000000","0.00000000"]])", "[]", noon + 1s), noon + 1s);
    EXPECT_TRUE(outcome.ticks.empty());
    EXPECT_TRUE(outcome.refusals.empty());
    EXPECT_TRUE(on(mini(noon + 1s), noon + 1s).ticks.empty()) << "nobody trades";
}

TEST_F(BinanceStreamTest, AMalformedDepthEventIsRefusedAndCostsOnlyItsSymbol) {
    const auto level = [](std::string_view text) {
        return depth(R"("U":8,"u":9)", "[" + std::string(text) + "]", "[]");
    };
    const std::pair<std::string, std::string_view> malformed[] = {
        {depth(R"("U":"8","u":9)", "[]", "[]"), "malformed"},
        {depth(R"("U":8,"u":-9)", "[]", "[]"), "malformed"},
        {depth(R"("U":8,"u":9.5)", "[]", "[]"), "malformed"},
        {depth(R"("u":9)", "[]", "[]"), "malformed"},
        {depth(R"("U":9,"u":8)", "[]", "[]"), "malformed"},
        {depth(R"("U":8,"u":9)", "{}", "[]"), "malformed"},
        {depth(R"("U":8,"u":9)", "[]", "null"), "malformed"},
        {depth(R"("U":8,"u":9)", "[]", "[]", noon + 2h), "malformed"},
        {depth(R"("U":8,"u":9)", "[]", "[]", TimePoint{-1ms}), "malformed"},
        {depth(R"("U":8,"u":9)", R"([["100","1"]])", R"([["99","1"]])"), "crossed"},
        {level("7"), "malformed"},
        {level("[]"), "malformed"},
        {level(R"(["1"])"), "malformed"},
        {level(R"(["1",null])"), "malformed"},
        {level(R"([1,"1"])"), "malformed"},
        {level(R"(["NaN","1"])"), "malformed"},
        {level(R"(["1e3","1"])"), "malformed"},
        {level(R"(["1","-1"])"), "malformed"},
        {level(R"(["0.00","1"])"), "not_positive"},
        {wrapped("btcusdt@depth", "null"), "malformed"},
        {wrapped("btcusdt@depth", "[]"), "malformed"},
        {wrapped("btcusdt@depth", R"({"e":7,"E":1,"s":null})"), "malformed"},
        {R"({"e":"depthUpdate","s":"BTCUSDT"})", "malformed"},
    };
    for (const auto& [frame, reason] : malformed) {
        session = make_stream_session(map, {btcusdt, usdcusdt});
        on(good_book(7));
        on(R"({"u":1,"s":"USDCUSDT","b":"1","B":"1","a":"1.0001","A":"1"})");
        EXPECT_EQ(refusal(frame), reason) << frame;
        EXPECT_TRUE(on(mini(noon)).ticks.empty()) << frame;
        EXPECT_EQ(on(R"({"e":"24hrMiniTicker","E":1795262400000,"s":"USDCUSDT","c":"1"})").ticks.size(), 1U);
        EXPECT_EQ(on(good_book(10)).ticks.size(), 1U) << frame;
    }
}

TEST_F(BinanceStreamTest, RefusesDepthEventsOfOtherSymbols) {
    EXPECT_EQ(refusal(wrapped("dogeusdt@depth", "null")), "unknown_symbol");
    EXPECT_EQ(refusal(R"({"e":"depthUpdate","E":1,"s":"DOGEUSDT","U":1,"u":1,"b":[],"a":[]})"),
              "unknown_symbol");
}

TEST_F(BinanceStreamTest, OnlyADepthEventMayBeLarge) {
    on(good_book(1));
    const auto frame = large_depth(5'000);
    EXPECT_GT(frame.size(), 64U * 1024);
    EXPECT_TRUE(on(frame).refusals.empty());
    EXPECT_EQ(refusal(large_depth(7'000)), "oversized");
    const std::string padding(65 * 1024, ' ');
    EXPECT_EQ(refusal(good_book(2) + padding), "oversized");
    EXPECT_EQ(refusal(mini(noon) + padding), "oversized");
    EXPECT_EQ(refusal(R"({"result":null,"id":1})" + padding), "oversized");
}

TEST_F(BinanceStreamTest, RefusesBadBooksAndContinues) {
    on(mini(noon));
    EXPECT_EQ(refusal(book("1", "null", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("2", R"("0.00000000")", R"("1.0")")), "not_positive");
    EXPECT_EQ(refusal(book("3", R"("-1.0")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("4", R"("NaN")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("5", R"("1e3")", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("6", "1.0", R"("1.0")")), "malformed");
    EXPECT_EQ(refusal(book("7", '"' + std::string(40, '9') + '"', R"("1.0")")), "overflow");
    EXPECT_EQ(refusal(book("8", R"("1.1")", R"("1.0")")), "crossed");
    EXPECT_EQ(refusal(book("-1", R"("1.0")", R"("1.0")")), "malformed");
    EXPECT_EQ(on(book("9", R"("1.0")", R"("1.1")")).ticks.size(), 1U);
    EXPECT_EQ(refusal(book("9", R"("1.0")", R"("1.1")")), "out_of_order");
}

TEST_F(BinanceStreamTest, RefusesUnknownFrames) {
    EXPECT_EQ(refusal("garbage"), "malformed");
    EXPECT_EQ(refusal(""), "malformed");
    EXPECT_EQ(refusal(R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s")"), "malformed");
    EXPECT_EQ(refusal("[]"), "malformed");
    EXPECT_EQ(refusal(R"({"stream":"x","data":7})"), "malformed");
    EXPECT_EQ(refusal(R"({"stream":7,"data":{"u":1}})"), "unknown_event");
    EXPECT_EQ(refusal(wrapped("@bookTicker", "null")), "malformed");
    EXPECT_EQ(refusal(wrapped("dogeusdt@bookTicker", "null")), "unknown_symbol");
    EXPECT_EQ(refusal(std::string(1024 * 1024, ' ')), "oversized");
    EXPECT_EQ(refusal(R"({"e":"aggTrade","E":1,"s":"BTCUSDT","a":1,"b":2,"u":3,"p":"1"})"), "unknown_event");
    EXPECT_EQ(refusal(R"({"e":7})"), "malformed");
    EXPECT_EQ(refusal(R"({"lastUpdateId":160,"bids":[],"asks":[]})"), "unknown_event");
    EXPECT_EQ(refusal(R"({"u":1,"s":"DOGEUSDT","b":"1.0","B":"1","a":"1.1","A":"1"})"), "unknown_symbol");
    EXPECT_EQ(refusal(mini(noon + 2h)), "malformed") << "not milliseconds";
}

TEST_F(BinanceStreamTest, RecognisesBothFormsOfAnError) {
    EXPECT_EQ(refusal(R"({"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":2})"),
              "venue_error");
    EXPECT_EQ(refusal(R"({"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"})"),
              "venue_error");
    EXPECT_EQ(refusal(R"({"result":null,"id":1})"), "none");
}

TEST_F(BinanceStreamTest, EndsOnServerShutdown) {
    EXPECT_TRUE(on(R"({"e":"serverShutdown","E":1770123456789})").farewell);
    const auto outcome =
        on(R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}})");
    ASSERT_TRUE(outcome.farewell);
    EXPECT_FALSE(outcome.farewell->is_permanent);
    EXPECT_TRUE(outcome.farewell->can_wait);
}

TEST_F(BinanceStreamTest, AnEventMayBeAMinuteAhead) {
    on(good_book(1));
    EXPECT_EQ(on(mini(noon + 1min)).ticks.size(), 1U);
    EXPECT_EQ(refusal(mini(noon + 1min + 1ms)), "malformed");
    EXPECT_EQ(refusal(mini(TimePoint(-1ms))), "malformed");
    EXPECT_TRUE(on(mini(TimePoint{})).refusals.empty());
}

TEST_F(BinanceStreamTest, ADepthEventOfOneUpdateIsWellFormedAndOneWithoutSpreadIsNot) {
    EXPECT_TRUE(on(depth(R"("U":7,"u":7)", R"([["100","1"]])", R"([["101","1"]])")).refusals.empty());
    EXPECT_EQ(refusal(depth(R"("U":9,"u":8)", "[]", "[]")), "malformed");
    EXPECT_EQ(refusal(depth(R"("U":9,"u":9)", R"([["100","1"]])", R"([["100","1"]])")), "crossed");
    EXPECT_TRUE(on(depth(R"("U":9,"u":9)", R"([["100","1"]])", R"([["100","0"]])")).refusals.empty());
}

}  // namespace
}  // namespace kurs::binance
