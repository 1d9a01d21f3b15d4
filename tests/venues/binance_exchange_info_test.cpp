#include <gtest/gtest.h>

#include "kurs/venues/binance.hpp"
#include "support/market.hpp"

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

    static std::string entry(std::string_view name, std::string_view status, std::string_view base,
                             std::string_view quote) {
        return R"({"symbol":")" + std::string(name) + R"(","status":")" + std::string(status) +
               R"(","baseAsset":")" + std::string(base) + R"(","quoteAsset":")" + std::string(quote) +
               R"("})";
    }
};

TEST_F(ExchangeInfoTest, AsksForAllSymbolsAtOnceEveryMinute) {
    EXPECT_LE(session->next_poll(false), noon);
    EXPECT_EQ(ask(), "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22USDCUSDT%22%5D");
    answer(200, R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTC", "USDT") + "]}");
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

TEST_F(ExchangeInfoTest, ASymbolThatPricesSomethingElseIsRefused) {
    ask();
    const auto outcome = answer(200, R"({"symbols":[)" + entry("BTCUSDT", "TRADING", "BTCU", "SDT") + "]}");
    EXPECT_FALSE(outcome.listings.at(0).is_trading);
    EXPECT_EQ(outcome.listings[0].status, "a price of BTCU in SDT, not of BTC in USDT");
    EXPECT_EQ(outcome.listings[1].status, "absent");
}

TEST_F(ExchangeInfoTest, AnUnknownSymbolIsFoundByAskingOneByOne) {
    const std::string unknown = R"({"code":-1121,"msg":"Invalid symbol."})";
    ask();
    EXPECT_TRUE(answer(400, unknown).listings.empty());
    EXPECT_EQ(session->next_poll(false), noon);
    EXPECT_EQ(ask(), "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22%5D");
    EXPECT_EQ(answer(400, unknown).listings.at(0).status, "unknown to the venue");
    ask();
    EXPECT_TRUE(answer(200, R"({"symbols":[)" + entry("USDCUSDT", "TRADING", "USDC", "USDT") + "]}")
                    .listings.at(0)
                    .is_trading);
    EXPECT_EQ(session->next_poll(false), noon + 1min);
}

TEST_F(ExchangeInfoTest, ObeysABan) {
    ask();
    EXPECT_EQ(answer(418, "", {{"Retry-After", "300"}}).refusals.size(), 1U);
    EXPECT_EQ(session->next_poll(true), noon + 300s);
    ask();
    answer(429, "");
    EXPECT_EQ(session->next_poll(true), noon + 2min);
}

TEST_F(ExchangeInfoTest, TriesAgainAfterAnythingElse) {
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
