#include "control.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "at.hpp"
#include "price_pins.hpp"
#include "rejected.hpp"

using namespace sim;
using nlohmann::json;

namespace {

struct ControlTest : testing::Test {
    Reply ask(const char* method, const char* path, const char* body = "") {
        return control.answer({.method = method, .path = path, .query = {}, .headers = {}, .body = body},
                              at(0));
    }

    FaultTable faults;
    Market market{listed_instruments(), 1, at(0)};
    RoubleRate rouble{1};
    CoinGeckoQuotes quotes{market, rouble};
    std::vector<std::string> shown;
    int strikes = 0;
    PricePins pins{market, quotes, rouble,
                   [this](const std::string& symbol, Instant) { shown.push_back(symbol); },
                   [this](const CoinPair& pair, Instant) { shown.push_back(to_string(pair)); }};
    Control control{{.faults = faults,
                     .endpoints = [] { return std::string{"{}"}; },
                     .state = [](Instant) { return std::string{"{}"}; },
                     .books = [](Instant since, Instant) { return std::to_string(to_unix_ms(since)); },
                     .strike = [this](const Fault&, Instant) { ++strikes; },
                     .set_prices = [this](const json& body, Instant now) { pins.apply(body, now); },
                     .restart_replay = [](Instant) { throw Rejected("nothing to replay"); }}};
};

}  // namespace

TEST_F(ControlTest, FaultsComeAndGo) {
    EXPECT_EQ(ask("POST", "/faults", R"({"endpoint":"cbr","fault":"never"})").body, R"({"id":1})");
    EXPECT_EQ(ask("GET", "/faults").body, R"([{"id":1,"endpoint":"cbr","fault":"never"}])");
    EXPECT_EQ(ask("DELETE", "/faults/1").status, 204U);
    EXPECT_EQ(ask("DELETE", "/faults/1").status, 404U);
    EXPECT_EQ(ask("GET", "/faults").body, "[]");
}

TEST_F(ControlTest, FaultThatActsAtOnceDoesNotStay) {
    EXPECT_EQ(ask("POST", "/faults", R"({"endpoint":"binance_stream","fault":"cut"})").status, 201U);
    EXPECT_EQ(strikes, 1);
    EXPECT_EQ(ask("GET", "/faults").body, "[]");
}

TEST_F(ControlTest, BooksAreAskedForSinceATime) {
    Request request{.method = "GET", .path = "/books", .query = {{"since", "5"}}, .headers = {}, .body = {}};
    EXPECT_EQ(control.answer(request, at(0)).body, "5");
    EXPECT_EQ(ask("GET", "/books").body, "0");
    request.query["since"] = "yesterday";
    EXPECT_EQ(control.answer(request, at(0)).status, 400U);
}

TEST_F(ControlTest, BadInputIsExplained) {
    for (const auto& [path, body] :
         {std::pair{"/faults", "nope"}, {"/faults", "{}"}, {"/prices", "{}"}, {"/replay", ""}}) {
        const auto reply = ask("POST", path, body);
        EXPECT_EQ(reply.status, 400U) << path << body;
        EXPECT_TRUE(json::parse(reply.body).contains("error"));
    }
    EXPECT_EQ(ask("GET", "/nowhere").status, 404U);
}

TEST_F(ControlTest, PricesArePinnedAndShownAtOnce) {
    EXPECT_EQ(ask("POST", "/prices",
                  R"({"BTCUSDT":{"bid":"50000.00","ask":"50000.01"},"tether/usd":"0.93","USD/RUB":"77.1"})")
                  .status,
              204U);
    EXPECT_EQ(market.find("BTCUSDT")->book.bid, amount("50000"));
    EXPECT_EQ(quotes.price({"tether", "usd"}), "0.93");
    EXPECT_EQ(rouble.official(), "77.1");
    EXPECT_NE(std::find(shown.begin(), shown.end(), "BTCUSDT"), shown.end());
    EXPECT_EQ(ask("POST", "/prices", R"({"BTCUSDT":null,"tether/usd":null,"USD/RUB":null})").status, 204U);
    EXPECT_FALSE(market.find("BTCUSDT")->is_pinned);
    EXPECT_EQ(rouble.official(), "76.4096");
}

TEST_F(ControlTest, WrongPriceChangesNothing) {
    for (const char* body :
         {R"({"tether/usd":"0.93","NOPE":null})", R"({"tether/usd":"0.93","BTCUSDT":{"bid":"2","ask":"1"}})",
          R"({"tether/usd":"0.93","USD/RUB":"-1"})", R"({"tether/usd":"0"})", R"({"tether/usd":1})"}) {
        EXPECT_EQ(ask("POST", "/prices", body).status, 400U) << body;
        EXPECT_NE(quotes.price({"tether", "usd"}), "0.93") << body;
    }
}
