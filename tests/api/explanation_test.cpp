#include <nlohmann/json.hpp>

#include "api_fixture.hpp"

namespace kurs::api {
namespace {

using Json = nlohmann::json;

constexpr std::string_view target = "/api/v2/courses/BTC-USD/explain";
constexpr std::string_view earlier = "/api/v2/courses/BTC-USD/explain?at=2023-11-14T22:13:19Z";

/// Binance is active with two legs, and CoinGecko is disputed. BTC-RUB has a reference rate.
struct Explanation : ApiFixture {
    Explanation() {
        market.map.allowances = {{}, 5000, {}};
        market.board.apply(crossed_quote());
        auto disputed = quote(coingecko, btc_usd, "60000", noon, 180s);
        disputed.legs = {{bitcoin_usd, false, rate("60000"), rate("60000"), noon}};
        disputed.dispute = "11.11 % above the other venue, allowed 1.50 %";
        market.board.apply(disputed);
        market.board.apply(quote(coingecko, eth_usd, "3000", noon, 180s));
        market.failovers.add({noon - 60s, "binance", "2 fresh at start"});
        report = {
            noon - 1s,
            {{bitcoin_usd, errc::jump, rate("99000"), rate("99001"), noon - 30s, noon - 2s, 3},
             {usd_rub, errc::not_positive, {}, {}, noon - 9s, noon - 9s, 1}},
            {{ReferenceRateId{0},
              {{SourceState::used, rate("90"), {{usd_rub, false, rate("90"), rate("90"), noon - 1h}}}}}}};
    }

    Json explain(std::string_view asked = target, TimePoint now = noon + 1s) {
        const auto reply = get(asked, now);
        EXPECT_EQ(reply.status, 200U);
        EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
        return Json::parse(reply.body);
    }

    Json explain_then(const RecordedExplanation& recorded) {
        const auto reply = answer(pending(earlier), recorded);
        EXPECT_EQ(reply.status, 200U);
        EXPECT_TRUE(has(reply, "Cache-Control: no-cache, max-age=0"));
        return Json::parse(reply.body);
    }

    Sources sources() {
        auto all = market.sources();
        all.pricing = [this] { return report; };
        return all;
    }

    std::optional<PricingReport> report;
    Api api{sources(), ""};

    ResponseView get(std::string_view asked, TimePoint now = noon) {
        return std::get<ResponseView>(api.answer({Method::get, asked, {}}, now));
    }
    ResponseView answer(const Lookup& lookup, HistoryAnswer found) {
        return api.answer(lookup, Finding(std::move(found)), noon);
    }
};

TEST_F(Explanation, SaysWhatIsServedAndWhy) {
    const auto document = explain();
    EXPECT_EQ(document.at("direction"), "BTC-USD");
    const auto& served = document.at("served");
    EXPECT_EQ(served.at("exchanger"), "binance");
    EXPECT_EQ(served.at("since"), "2023-11-14T22:12:20.000Z");
    EXPECT_EQ(served.at("reason"), "2 fresh at start");
    const auto same = Json::parse(get("/api/v2/courses/BTC-USD", noon + 1s).body);
    EXPECT_EQ(served.at("course"), same.at("course"));
    EXPECT_EQ(document.at("version"), same.at("version"));
    EXPECT_EQ(document.at("as_of"), "2023-11-14T22:13:21.000Z");
}

TEST_F(Explanation, ListsEveryExchangerWithItsLegsAndLimits) {
    const auto exchangers = explain().at("exchangers");
    ASSERT_EQ(exchangers.size(), 2U);
    EXPECT_EQ(exchangers[0].at("exchanger"), "binance");
    EXPECT_EQ(exchangers[0].at("is_active"), true);
    EXPECT_EQ(exchangers[0].at("state"), "fresh");
    EXPECT_EQ(exchangers[0].at("route"), "BTCUSDT / USDCUSDT");
    const auto& leg = exchangers[0].at("quote").at("legs")[1];
    EXPECT_EQ(leg.at("symbol"), "USDCUSDT");
    EXPECT_EQ(leg.at("age_ms"), 1000);
    EXPECT_EQ(leg.at("max_age_ms"), 5000);
    EXPECT_EQ(leg.at("reference_rate"), nullptr);
}

TEST_F(Explanation, NamesADisputeAndShowsTheDisputedPrice) {
    const auto disputed = explain().at("exchangers")[1];
    EXPECT_EQ(disputed.at("state"), "disputed");
    EXPECT_EQ(disputed.at("reason"), "Disputed: 11.11 % above the other venue, allowed 1.50 %.");
    EXPECT_EQ(disputed.at("quote").at("value"), "60000");
}

TEST_F(Explanation, ListsWhoWouldBeNextByTheNumberOfFreshDirections) {
    EXPECT_EQ(explain().at("next"), (Json::array({{{"exchanger", "coingecko"}, {"fresh", 1}}})));
}

TEST_F(Explanation, NamesTheReferenceRateOfALeg) {
    auto rouble = crossed_quote();
    rouble.direction = btc_rub;
    rouble.legs.push_back({usd_rub, false, rate("90"), rate("90"), noon - 1h});
    market.board.apply(rouble);
    const auto document = explain("/api/v2/courses/btc-rub/explain");
    const auto exchanger = document.at("exchangers")[0];
    EXPECT_EQ(exchanger.at("route"), "BTCUSDT / USDCUSDT * USD-RUB");
    EXPECT_EQ(exchanger.at("quote").at("legs")[2].at("reference_rate"), "USD-RUB");
    EXPECT_EQ(exchanger.at("quote").at("legs")[2].at("max_age_ms"), Duration(24h).count());
    const auto source = document.at("reference_rates")[0].at("sources")[0];
    EXPECT_EQ(source.at("source"), "cbr: USD/RUB");
    EXPECT_EQ(source.at("state"), "used");
    EXPECT_EQ(source.at("value"), "90");
    EXPECT_EQ(source.at("legs")[0].at("max_age_ms"), Duration(24h).count());
    EXPECT_EQ(document.at("exchangers")[1].at("route"), nullptr);
    EXPECT_EQ(document.at("exchangers")[1].at("quote"), nullptr);
}

TEST_F(Explanation, ListsTheRefusedValuesOfItsSymbols) {
    const auto document = explain();
    ASSERT_EQ(document.at("refused").size(), 1U) << "the rouble is no part of BTC-USD";
    EXPECT_EQ(document.at("refused")[0], (Json{{"venue", "coingecko"},
                                               {"symbol", "bitcoin/usd"},
                                               {"reason", "jump"},
                                               {"bid", "99000"},
                                               {"ask", "99001"},
                                               {"first_at", "2023-11-14T22:12:50.000Z"},
                                               {"last_at", "2023-11-14T22:13:18.000Z"},
                                               {"times", 3}}));
    EXPECT_EQ(explain("/api/v2/courses/BTC-RUB/explain").at("refused")[0].at("bid"), nullptr);
}

TEST_F(Explanation, NamesTheLimits) {
    market.map.symbols[index(btcusdt)].limits = {5s, 20, rate("1"), {}};
    const auto limits = explain().at("limits");
    EXPECT_EQ(limits.at("allowance_percent"), "0.5");
    ASSERT_EQ(limits.at("symbols").size(), 3U);
    EXPECT_EQ(limits.at("symbols")[0], (Json{{"venue", "binance"},
                                             {"symbol", "BTCUSDT"},
                                             {"max_age_ms", 5000},
                                             {"max_jump_percent", 20},
                                             {"min", "1"},
                                             {"max", nullptr}}));
    EXPECT_EQ(explain("/api/v2/courses/ETH-USD/explain").at("limits").at("allowance_percent"), nullptr);
}

TEST_F(Explanation, OfAReplicaWithoutAReportHasNoRefusedValues) {
    report.reset();
    const auto document = explain("/api/v2/courses/BTC-RUB/explain");
    EXPECT_EQ(document.at("refused"), nullptr);
    EXPECT_EQ(document.at("reported_at"), nullptr);
    const auto source = document.at("reference_rates")[0].at("sources")[0];
    EXPECT_EQ(source.at("source"), "cbr: USD/RUB");
    EXPECT_EQ(source.at("state"), nullptr);
    EXPECT_EQ(source.at("legs"), Json::array());
}

TEST_F(Explanation, IsGivenEvenIfNothingIsFresh) {
    const auto document = explain(target, noon + 1h);
    EXPECT_EQ(document.at("served").at("course").at("state"), "stale");
    EXPECT_EQ(document.at("next"), Json::array());
}

TEST_F(Explanation, OfAMomentShowsWhatHistoryKnows) {
    RecordedLeg leg{"binance", "BTCUSDT", false, rate("54000"), rate("54001"), noon - 2s};
    RecordedQuote quote{"binance", "BTC-USD", rate("1"), rate("2"), rate("3"), noon - 2s, noon + 3s, {leg}};
    const auto document = explain_then({ActiveChange{noon - 60s, "binance", "2 fresh at start"}, {quote}});
    EXPECT_EQ(document.at("at"), "2023-11-14T22:13:19.000Z");
    EXPECT_EQ(document.at("served").at("reason"), "2 fresh at start");
    EXPECT_EQ(document.at("served").at("course").at("value"), "2");
    EXPECT_EQ(document.at("exchangers")[0].at("is_active"), true);
    EXPECT_EQ(document.at("exchangers")[0].at("quote").at("legs")[0].at("age_ms"), 1000);
    EXPECT_EQ(document.at("exchangers")[1].at("state"), "unavailable");
    EXPECT_EQ(document.at("refused").size(), 1U);
    for (const auto* const unknown : {"next", "reported_at", "reference_rates", "limits"})
        EXPECT_EQ(document.at(unknown), nullptr) << unknown;
}

TEST_F(Explanation, OfAMomentHasTheRefusedValuesOnlyOfTheLastMinutes) {
    report->refusals[0].first_at = noon;
    EXPECT_EQ(explain_then({}).at("refused"), Json::array()) << "it was refused later";
    report->at = noon + 6min;
    EXPECT_EQ(explain_then({}).at("refused"), nullptr);
    EXPECT_EQ(explain_then({}).at("served").at("exchanger"), nullptr);
}

TEST_F(Explanation, IsRefusedWithAdvice) {
    for (const auto* asked :
         {"/api/v2/courses/BTC-EUR/explain", "/api/v2/courses/BTC-USD/explain?exchanger=binance",
          "/api/v2/courses/BTC-USD/explain?at=yesterday",
          "/api/v2/courses/BTC-USD/explain?at=2023-11-14T22:13:21Z"})
        EXPECT_EQ(get(asked).status, 400U) << asked;
    EXPECT_EQ(get("/api/v2/courses/BTC-USD/explain/").status, 307U);
    for (const auto* asked :
         {"/api/v2/courses/BTC/USD/explain", "/api/v2/courses//explain", "/api/v2/courses/BTC-USD/explained"})
        EXPECT_EQ(get(asked).status, 404U) << asked;
    EXPECT_TRUE(has(answer(pending(earlier), HistoryFailure::busy), "Retry-After: 1"));
}

}  // namespace
}  // namespace kurs::api
