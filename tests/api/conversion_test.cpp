#include <nlohmann/json.hpp>

#include "api/contract_v2.hpp"
#include "api_fixture.hpp"

namespace kurs::api {
namespace {

using Json = nlohmann::json;

/// Binance has the two legs of BTC-USD, and BTC-RUB with a rouble of a day ago.
struct ConversionV2 : ApiFixture {
    ConversionV2() {
        market.map.places = {{"USD", 2}, {"RUB", 2}, {"ETH", 6}};
        market.board.apply(crossed_quote());
        auto rubles = crossed_quote();
        rubles.direction = btc_rub;
        rubles.observed_at = noon - 12h;
        rubles.legs.push_back({usd_rub, false, rate("90"), rate("90"), noon - 12h});
        rubles.fresh_until = noon + 4s;
        market.board.apply(rubles);
        auto ether = quote(binance, eth_usd, "3000", noon - 1s);
        ether.bid = rate("2999.9");
        ether.ask = rate("3000.1");
        market.board.apply(ether);
    }

    Json convert(const std::string& query, unsigned status = 200, TimePoint now = noon) {
        const auto reply = get("/api/v2/convert?" + query, now);
        EXPECT_EQ(reply.status, status) << query << ": " << reply.body;
        EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
        return Json::parse(reply.body);
    }
    std::string refusal(const std::string& query) { return convert(query, 400).at("detail"); }
};

TEST_F(ConversionV2, ShowsWhatItIsMadeOf) {
    const auto reply =
        get("/api/v2/convert?from=btc&to=Usd&amount=0.0500&side=sell&exchanger=binance", noon + 300ms);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(has(reply, "Content-Type: application/json"));
    // 54001.1 / 1.00002 = 54000.0199996...
    EXPECT_EQ(reply.body,
              R"({"version":)" + std::to_string(market.board.version()) +
                  R"(,"exchanger":"binance","as_of":"2023-11-14T22:13:20.300Z",)"
                  R"("from":"BTC","to":"USD","side":"sell","amount":"0.05","result":"2700",)"
                  R"("rate":"54000.01999960000799984","observed_at":"2023-11-14T22:13:20.000Z","age_ms":300,)"
                  R"("fresh_until":"2023-11-14T22:13:25.000Z",)"
                  R"("courses":[{"direction":"BTC-USD","inverted":false,)"
                  R"("bid":"53999.999999999999999999","ask":"54001"}],)"
                  R"("legs":[{"venue":"binance","symbol":"BTCUSDT","inverted":false,"bid":"54001.1",)"
                  R"("ask":"54002.2","observed_at":"2023-11-14T22:13:20.250Z"},)"
                  R"({"venue":"binance","symbol":"USDCUSDT","inverted":true,"bid":"1.00001",)"
                  R"("ask":"1.00002","observed_at":"2023-11-14T22:13:20.000Z"}]})");
    EXPECT_EQ(market.requested, std::vector{binance});
}

TEST_F(ConversionV2, BuysAtTheAskRoundedUp) {
    // 54002.2 / 1.00001 = 54001.6599834..., times 0.05 is 2700.0829991...
    const auto told = convert("from=BTC&to=USD&amount=0.05&side=buy");
    EXPECT_EQ(told.at("side"), "buy");
    EXPECT_EQ(told.at("result"), "2700.09");
    EXPECT_TRUE(told.at("rate").get<std::string>().starts_with("54001.65998340016599")) << told;
    EXPECT_TRUE(market.requested.empty()) << "no exchanger is named";
}

TEST_F(ConversionV2, InvertsADirectionWithItsLegs) {
    const auto told = convert("from=USD&to=BTC&amount=1000");
    EXPECT_EQ(told.at("courses").at(0).at("inverted"), true);
    EXPECT_EQ(told.at("legs").at(0).at("inverted"), true);
    EXPECT_EQ(told.at("legs").at(1).at("inverted"), false);
    // 1000 * 1.00001 / 54002.2 = 0.018517949...
    EXPECT_EQ(told.at("result"), "0.01851794");
}

TEST_F(ConversionV2, JoinsTwoDirectionsAndIsAsOldAsTheOlder) {
    const auto told = convert("from=BTC&to=ETH&amount=2", 200, noon + 1s);
    EXPECT_EQ(told.at("courses").size(), 2U);
    EXPECT_EQ(told.at("courses").at(1),
              (Json{{"direction", "ETH-USD"}, {"inverted", true}, {"bid", "2999.9"}, {"ask", "3000.1"}}));
    // A quote without legs counts as it is: 2 * 54001.1 / 1.00002 / 3000.1 = 35.998813...
    EXPECT_EQ(told.at("result"), "35.998813");
    EXPECT_EQ(told.at("observed_at"), "2023-11-14T22:13:19.000Z");
    EXPECT_EQ(told.at("age_ms"), 2000);
    EXPECT_EQ(told.at("fresh_until"), "2023-11-14T22:13:24.000Z");
    EXPECT_EQ(told.at("legs").size(), 2U);
}

TEST_F(ConversionV2, MayBeWorthNothing) {
    const auto told = convert("from=USD&to=RUB&amount=0.000000000000000001");
    EXPECT_EQ(told.at("result"), "0");
    EXPECT_GT(told.at("rate").get<std::string>(), "89");
    EXPECT_EQ(convert("from=USD&to=RUB&amount=0.000000000000000001&side=buy").at("result"), "0.01");
}

TEST_F(ConversionV2, OfTheConsensusUsesItsOwnBidAndAsk) {
    constexpr VenueId consensus{3};
    market.map.venues.emplace_back("consensus");
    market.map.consensus = consensus;
    market.map.exchangers.push_back(consensus);
    market.map.routes.push_back({consensus, btc_usd, {}, {}});
    Board board{market.map, 30s};
    auto agreed = quote(consensus, btc_usd, "54000");
    agreed.bid = rate("53999.5");
    agreed.ask = rate("54000.5");
    board.apply(agreed);
    const v2::ConversionQuery query{"BTC", "USD", rate("2"), Side::buy, consensus, {}};
    const auto told = Json::parse(*v2::render_conversion(board, query, noon));
    EXPECT_EQ(told.at("exchanger"), "consensus");
    EXPECT_EQ(told.at("result"), "108001");
    EXPECT_EQ(told.at("legs"), Json::array());
}

TEST_F(ConversionV2, IsRefusedWithAdvice) {
    const std::pair<std::string, std::string_view> table[] = {
        {"", "The parameter from is missing. Give from, to and amount."},
        {"from=BTC&to=USD", "The parameter amount is missing."},
        {"from=DOGE&to=USD&amount=1", "Unknown asset \"DOGE\". Served: BTC, RUB, USD, ETH."},
        {"from=BTC&to=&amount=1", "Unknown asset \"\". Served: BTC"},
        {"from=USDT&to=BTC-USD&amount=1", "Unknown asset \"USDT\""},
        {"from=BTC&to=btc&amount=1", "The parameters from and to are both BTC. Give two different assets."},
        {"from=ETH&to=RUB&amount=1",
         "No direction and no two directions with a common asset lead from ETH to RUB. Served: BTC-RUB, "},
        {"from=BTC&to=USD&amount=1&side=Sell", "Unknown side \"Sell\". Allowed: sell, buy."},
        {"from=BTC&to=USD&amount=1&exchanger=mtgox", "Unknown exchanger \"mtgox\""},
        {"from=BTC&to=USD&amount=1&max_age=0", "Malformed max_age"},
        {"from=BTC&to=USD&amount=1&at=2023-01-01T00:00:00Z",
         "Unknown parameter \"at\". Allowed: from, to, amount, side, exchanger, max_age."},
        {"from=BTC&from=BTC&to=USD&amount=1", "The parameter from is given twice."},
        {"from=BTC&to=RUB&amount=999999999999999.999999999999999999",
         "The result or the rate exceeds 340282366920938463463. Give a smaller amount"},
    };
    for (const auto& [query, sentence] : table)
        EXPECT_TRUE(holds(refusal(query), sentence)) << query << ": " << refusal(query);
}

TEST_F(ConversionV2, TakesPlainPositiveAmountsWithinBounds) {
    for (const auto* const amount : {"0", "0.000", "-1", "%2B1", "1e3", "1,5", ".5", "1.", "", "NaN", "0x10",
                                     "1000000000000000", "0.0000000000000000001", "1%00"}) {
        EXPECT_TRUE(holds(refusal("from=BTC&to=USD&amount=" + std::string(amount)),
                          "Give a positive decimal below 1000000000000000 with at most 18 decimals"))
            << amount;
    }
    for (const auto* const amount :
         {"1", "007.50", "0.000000000000000001", "999999999999999.999999999999999999"})
        convert("from=BTC&to=USD&amount=" + std::string(amount));
}

TEST_F(ConversionV2, TellsWhyACourseIsNotFresh) {
    const auto stale = convert("from=BTC&to=ETH&amount=1", 503, noon + 4s);
    EXPECT_EQ(stale.at("detail"),
              "The exchanger binance has no fresh course for the requested directions (ETH-USD). Retry in a "
              "second. "
              "ETH-USD: Stale since 2023-11-14T22:13:24.000Z: observed 5 s before.");
    EXPECT_EQ(stale.at("exchanger"), "binance");
    ASSERT_EQ(stale.at("courses").size(), 1U) << "BTC-USD is fresh";
    EXPECT_EQ(stale.at("courses").at(0).at("state"), "stale");
    EXPECT_EQ(stale.at("courses").at(0).at("bid"), nullptr);
    EXPECT_TRUE(has(get("/api/v2/convert?from=BTC&to=ETH&amount=1", noon + 4s), "Retry-After: 1"));

    auto disputed = crossed_quote();
    disputed.dispute = "far above the others";
    market.board.apply(disputed);
    EXPECT_TRUE(holds(convert("from=USD&to=BTC&amount=1", 503).at("detail").get<std::string>(),
                      "BTC-USD: Disputed: far above the others."));
}

TEST_F(ConversionV2, IsRefusedBeyondMaxAge) {
    convert("from=BTC&to=USD&amount=1&max_age=2", 200, noon + 2s);
    const auto detail = convert("from=BTC&to=USD&amount=1&max_age=2", 503, noon + 2001ms).at("detail");
    EXPECT_TRUE(holds(detail.get<std::string>(),
                      "Retry in a second, or allow a larger max_age. BTC-USD: Older than the max_age of 2 s"))
        << detail;
}

TEST_F(ConversionV2, TellsWhatAnExchangerLacks) {
    const auto detail =
        convert("from=BTC&to=ETH&amount=1&exchanger=coingecko", 503).at("detail").get<std::string>();
    EXPECT_TRUE(holds(detail, "BTC-USD: The prices of some of its legs at coingecko are not known."))
        << detail;
    EXPECT_TRUE(holds(detail, "ETH-USD: The market map has no route for it at coingecko.")) << detail;
    const Board cold(market.map, 30s);
    const auto none = v2::render_conversion(cold, {"BTC", "USD", rate("1"), Side::sell, {}, {}}, noon);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().status, 503U);
    EXPECT_EQ(none.error().detail, "No exchanger has served a fresh course yet. Retry in a second.");
}

}  // namespace
}  // namespace kurs::api
