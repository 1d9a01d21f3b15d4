#include "binance_rest.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "fault_catalogue.hpp"

using namespace sim;
using nlohmann::json;

namespace {

struct BinanceRestTest : testing::Test {
    Reply get(const char* target) {
        Request request{.method = "GET", .path = {}, .query = {}, .headers = {}, .body = {}};
        parse_target(target, request);
        return rest.answer(request, at(0));
    }
    json body(const char* target) { return json::parse(get(target).body); }

    FaultTable faults;
    Market market{listed_instruments(), 1, at(0)};
    BinanceRest rest{market, faults};
};

}  // namespace

TEST_F(BinanceRestTest, AnswersOneOrSeveral) {
    EXPECT_EQ(body("/api/v3/ping"), json::object());
    EXPECT_EQ(body("/api/v3/ticker/price?symbol=BTCUSDT")["price"], "64117.99000000");
    EXPECT_EQ(body("/api/v3/ticker/bookTicker?symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D").size(), 2U);
    EXPECT_EQ(body("/api/v3/ticker/price").size(), 10U);
    EXPECT_EQ(body("/api/v3/avgPrice?symbol=BTCUSDT")["mins"], 5);
}

TEST_F(BinanceRestTest, ErrorsHaveTheirCodes) {
    const std::pair<const char*, int> cases[] = {
        {"/api/v3/ticker/price?symbol=NOPE", -1121},
        {"/api/v3/ticker/price?symbol=btcusdt", -1100},
        {"/api/v3/avgPrice?symbol=BTC%2FUSDT", -1100},
        {"/api/v3/exchangeInfo?symbol=BTCUSDTBTCUSDTBTCUSDT", -1100},
        {"/api/v3/ticker/bookTicker?symbols=%5B%22BTCUSDT%22,%22ethusdt%22%5D", -1100},
        {"/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%20%22ETHUSDT%22%5D", -1100},
        {"/api/v3/ticker/price?symbol=", -1105},
        {"/api/v3/ticker/price?symbolStatus=trading", -1122},
        {"/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22NOPE%22%5D", -1121},
        {"/api/v3/avgPrice", -1102},
        {"/api/v3/ticker/price?symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", -1128},
        {"/api/v3/ticker/price?symbols=BTCUSDT", -1100},
        {"/api/v3/ticker/price?symbol=BTCRUB&symbolStatus=TRADING", -1220},
    };
    for (const auto& [target, code] : cases) {
        EXPECT_EQ(get(target).status, 400U) << target;
        EXPECT_EQ(body(target)["code"], code) << target;
    }
}

TEST_F(BinanceRestTest, RefusesParametersThatItDoesNotRead) {
    const std::pair<const char*, int> cases[] = {
        {"/api/v3/ticker/price?symbol=BTCUSDT&limit=5", -1104},
        {"/api/v3/ticker/price?Symbol=BTCUSDT", -1104},
        {"/api/v3/ping?x=1", -1104},
        {"/api/v3/time?symbol=BTCUSDT", -1104},
        {"/api/v3/avgPrice?symbol=BTCUSDT&symbolStatus=TRADING", -1104},
        {"/api/v3/exchangeInfo?symbol=BTCUSDT&symbol=ETHUSDT", -1101},
        {"/api/v3/ticker/price?symbol=BTCUSDT&symbol=BTCUSDT", -1101},
    };
    for (const auto& [target, code] : cases) {
        EXPECT_EQ(get(target).status, 400U) << target;
        EXPECT_EQ(body(target)["code"], code) << target;
    }
    EXPECT_EQ(body("/api/v3/ticker/price?symbol=BTCUSDT&limit=5")["msg"],
              "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.");
    EXPECT_EQ(get("/api/v3/klines?symbol=BTCUSDT").status, 404U);
}

TEST_F(BinanceRestTest, DelistedSymbolIsBrokenButKeepsItsPrice) {
    EXPECT_EQ(body("/api/v3/exchangeInfo?symbol=USDTRUB")["symbols"][0]["status"], "BREAK");
    EXPECT_EQ(body("/api/v3/ticker/price?symbol=USDTRUB")["price"], "88.41000000");
}

TEST_F(BinanceRestTest, BreakFaultDelistsASymbol) {
    faults.add(parse_fault(json::parse(R"({"endpoint":"binance_rest","fault":"break","symbol":"BTCUSDT"})"),
                           at(0), false));
    EXPECT_EQ(body("/api/v3/exchangeInfo?symbol=BTCUSDT")["symbols"][0]["status"], "BREAK");
    EXPECT_EQ(body("/api/v3/exchangeInfo?symbol=ETHUSDT")["symbols"][0]["status"], "TRADING");
}

TEST_F(BinanceRestTest, StatusFaultComesWithItsBody) {
    faults.add(parse_fault(json::parse(R"({"endpoint":"binance_rest","fault":"status","value":451})"), at(0),
                           false));
    EXPECT_EQ(get("/api/v3/ping").status, 451U);
    EXPECT_EQ(body("/api/v3/ping")["code"], 0);
}

TEST(WeightBudget, TooMuchIsRefusedAndInsistingIsBanned) {
    WeightBudget budget;
    EXPECT_EQ(budget.charge(6000, at(0)).verdict, WeightBudget::Verdict::fine);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(budget.charge(1, at(1)).verdict, WeightBudget::Verdict::too_much);
    const auto ban = budget.charge(1, at(2));
    EXPECT_EQ(ban.verdict, WeightBudget::Verdict::banned);
    EXPECT_EQ(ban.retry_after_seconds, 120);
    EXPECT_EQ(budget.charge(1, at(60'000)).verdict, WeightBudget::Verdict::banned);
    EXPECT_EQ(budget.charge(1, at(121'000)).verdict, WeightBudget::Verdict::fine);
}
