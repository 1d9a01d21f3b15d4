#include <gtest/gtest.h>

#include "support/market.hpp"
#include "venues/binance/sessions.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct ExchangeInfoTest : ::testing::Test {
    MarketMap map = small_market();
    std::unique_ptr<PollSession> session = make_exchange_info_session(map, {btcusdt, usdcusdt});

    std::string ask() { return session->make_request(noon).target; }
    Outcome answer(int status, std::string body, Headers headers = {}) {
        return session->on_response({status, std::move(headers), std::move(body)}, noon);
    }

    static std::string both() {
        return R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTC", "USDT") + "," +
               entry("USDCUSDT", "TRADING", "USDC", "USDT") + "]}";
    }

    bool is_asked_again_soon() const {
        return session->next_poll(true) >= noon + 1s && session->next_poll(true) <= noon + 2s;
    }

    static std::string entry(std::string_view name, std::string_view status, std::string_view base,
                             std::string_view quote) {
        return R"({"symbol":")" + std::string(name) + R"(","status":")" + std::string(status) +
               R"(","baseAsset":")" + std::string(base) + R"(","quoteAsset":")" + std::string(quote) +
               R"("})";
    }
};

TEST_F(ExchangeInfoTest, RequestsAllSymbolsEveryMinute) {
    EXPECT_LE(session->next_poll(false), noon);
    EXPECT_EQ(ask(), "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22USDCUSDT%22%5D");
    answer(200, both());
    EXPECT_EQ(session->next_poll(false), noon + 1min);
}

TEST_F(ExchangeInfoTest, OnlyTradingSymbolsOfTheExpectedPairAreListed) {
    ask();
    const auto outcome = answer(200, R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTC", "USDT") + "," +
                                         entry("USDCUSDT", "BREAK", "USDC", "USDT") + "]}");
    ASSERT_EQ(outcome.listings.size(), 2U);
    EXPECT_TRUE(outcome.listings[0].is_trading);
    EXPECT_FALSE(outcome.listings[1].is_trading);
    EXPECT_EQ(outcome.listings[1].status, "BREAK");
}

TEST_F(ExchangeInfoTest, ASymbolOfAnotherPairIsRefused) {
    ask();
    const auto outcome = answer(200, R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTCU", "SDT") + "]}");
    EXPECT_FALSE(outcome.listings.at(0).is_trading);
    EXPECT_EQ(outcome.listings[0].status, "a price of BTCU in SDT, not of BTC in USDT");
}

TEST_F(ExchangeInfoTest, ASymbolMissingTwiceIsAbsent) {
    const auto only_btc = R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTC", "USDT") + "]}";
    ask();
    const auto first = answer(200, only_btc);
    ASSERT_EQ(first.listings.size(), 1U);
    EXPECT_TRUE(first.listings[0].is_trading);
    EXPECT_EQ(first.refusals.at(0).what, "USDCUSDT absent");
    EXPECT_TRUE(is_asked_again_soon());
    ask();
    const auto second = answer(200, only_btc);
    EXPECT_TRUE(second.listings.at(0).is_trading);
    EXPECT_FALSE(second.listings.at(1).is_trading);
    EXPECT_EQ(second.listings[1].status, "absent");
    EXPECT_EQ(session->next_poll(true), noon + 1min);
}

TEST_F(ExchangeInfoTest, ASymbolMissingOccasionallyIsNotAbsent) {
    const auto only_btc = R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTC", "USDT") + "]}";
    for (int round = 0; round < 3; ++round) {
        ask();
        EXPECT_EQ(answer(200, only_btc).listings.size(), 1U);
        ask();
        EXPECT_EQ(answer(200, both()).listings.size(), 2U);
    }
}

TEST_F(ExchangeInfoTest, AResponseToAnotherRequestWithdrawsNothing) {
    ask();
    const auto outcome = answer(200, R"({"symbols":[)" + entry("ETHBTC", "TRADING", "ETH", "BTC") + "]}");
    EXPECT_TRUE(outcome.listings.empty());
    EXPECT_EQ(outcome.refusals.size(), 2U);
    EXPECT_TRUE(is_asked_again_soon());
}

TEST_F(ExchangeInfoTest, AMalformedEntryWithdrawsNothing) {
    for (const auto* odd : {R"({"symbol":"BTCUSDT"})",
                            R"({"symbol":"BTCUSDT","status":1,"baseAsset":"BTC","quoteAsset":"USDT"})",
                            R"({"symbol":"BTCUSDT","status":"TRADING","baseAsset":null,"quoteAsset":"USDT"})",
                            "null", "7", R"(["BTCUSDT"])", R"({"symbol":null})"}) {
        session = make_exchange_info_session(map, {btcusdt, usdcusdt});
        ask();
        const auto outcome = answer(200, R"({"symbols":[)" + std::string(odd) + "," +
                                             entry("USDCUSDT", "TRADING", "USDC", "USDT") + "]}");
        EXPECT_EQ(outcome.refusals.size(), 1U) << odd;
        ASSERT_EQ(outcome.listings.size(), 1U) << odd;
        EXPECT_EQ(outcome.listings[0].symbol, usdcusdt) << odd;
        EXPECT_TRUE(is_asked_again_soon()) << odd;
    }
}

TEST_F(ExchangeInfoTest, IgnoresUnknownKeys) {
    ask();
    const auto outcome = answer(
        200,
        R"({"e":"exchangeInfo","timezone":"UTC","symbols":[{"e":7,"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","permissionSets":[["SPOT"]]},)" +
            entry("USDCUSDT", "TRADING", "USDC", "USDT") + R"(],"code":0})");
    ASSERT_EQ(outcome.listings.size(), 2U);
    EXPECT_TRUE(outcome.listings[0].is_trading);
}

TEST_F(ExchangeInfoTest, AnUnknownSymbolIsFoundBySeparateRequests) {
    const std::string unknown = R"({"code":-1121,"msg":"Invalid symbol."})";
    ask();
    EXPECT_TRUE(answer(400, unknown).listings.empty());
    EXPECT_EQ(session->next_poll(false), noon);
    EXPECT_EQ(ask(), "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D");
    EXPECT_TRUE(answer(400, unknown).listings.empty());
    ask();
    EXPECT_TRUE(answer(200, R"({"symbols":[)" + entry("USDCUSDT", "TRADING", "USDC", "USDT") + "]}")
                    .listings.at(0)
                    .is_trading);
    EXPECT_TRUE(is_asked_again_soon()) << "once, it may be the response to another request";
    ask();
    answer(400, unknown);
    ask();
    EXPECT_EQ(answer(400, unknown).listings.at(0).status, "unknown to the venue");
}

TEST_F(ExchangeInfoTest, HonoursABan) {
    ask();
    EXPECT_EQ(answer(418, "", {{"Retry-After", "300"}}).refusals.size(), 1U);
    EXPECT_EQ(session->next_poll(true), noon + 300s);
    ask();
    answer(429, "");
    EXPECT_EQ(session->next_poll(true), noon + 2min);
}

TEST_F(ExchangeInfoTest, AnyRetryAfterOnlyExtendsTheWait) {
    for (const auto* term : {"0", "00", "Sat, 21 Nov 2026 11:00:00 GMT", "soon", "-1", ""}) {
        ask();
        answer(429, "", {{"Retry-After", term}});
        EXPECT_EQ(session->next_poll(true), noon + 2min) << term;
    }
    for (const auto* term : {"31536000", "99999999999999", "Sun, 21 Nov 2027 12:00:00 GMT"}) {
        ask();
        answer(429, "", {{"Retry-After", term}});
        EXPECT_EQ(session->next_poll(true), noon + 1h) << term;
    }
    for (int i = 0; i < 10; ++i) {
        ask();
        answer(429, "", {{"Retry-After", "1"}});
    }
    EXPECT_GE(session->next_poll(true), noon + 30s) << "the backoff has grown";
}

TEST_F(ExchangeInfoTest, RetriesAfterAnyOtherFailure) {
    for (const auto& [status, body] :
         {std::pair(200, "<HTML>"), std::pair(200, "{}"), std::pair(200, R"({"symbols":[]})"),
          std::pair(503, ""), std::pair(403, "<HTML>"), std::pair(451, "{}")}) {
        ask();
        EXPECT_EQ(answer(status, body).refusals.size(), 1U);
        EXPECT_GT(session->next_poll(true), noon);
        EXPECT_LE(session->next_poll(true), noon + 1min);
    }
}

}  // namespace
}  // namespace kurs::binance
