#include <gtest/gtest.h>

#include "kurs/venue/declared_source.hpp"
#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

constexpr SymbolId usdt{0}, eur{1};

MarketMap street_map() {
    MarketMap map;
    map.venues = {"street"};
    map.symbols = {{VenueId{0}, "USDT/CASHRUB", "USDT", "CASHRUB", {1min, 20, {}, {}}},
                   {VenueId{0}, "EUR/CASHRUB", "EUR", "CASHRUB", {1min, 20, {}, {}}}};
    return map;
}

DeclaredSource street() {
    DeclaredSource source;
    source.venue = "street";
    source.query = "?pair=usdt";
    source.every = 10s;
    source.max_age = 1min;
    source.prices = {{"USDT/CASHRUB", "/usdt/buy", "/usdt/sell", "/at"}};
    return source;
}

struct DeclaredPoll : ::testing::Test {
    Outcome answer(std::string body, TimePoint at = noon + 1s, int status = 200) {
        if (!poll) poll = make_declared_poll(map, symbols, source);
        poll->make_request(at - 1s);
        return poll->on_response({status, {}, std::move(body)}, at);
    }

    errc refusal(std::string body, TimePoint at = noon + 1s) {
        const auto outcome = answer(std::move(body), at);
        EXPECT_TRUE(outcome.ticks.empty());
        EXPECT_EQ(outcome.refusals.size(), 1U);
        return outcome.refusals.at(0).reason;
    }

    MarketMap map = street_map();
    DeclaredSource source = street();
    std::vector<SymbolId> symbols{usdt};
    std::unique_ptr<PollSession> poll;
};

TEST_F(DeclaredPoll, ReadsNumbersAndTextsWithoutLosingADigit) {
    const auto outcome =
        answer(R"({"usdt": {"buy": 95.123456789012345678, "sell": "96.5"}, "at": "2026-11-21T11:59:58Z"})");
    ASSERT_EQ(outcome.ticks.size(), 1U);
    const auto& tick = outcome.ticks.front();
    EXPECT_EQ(tick.bid, rate("95.123456789012345678"));
    EXPECT_EQ(tick.ask, rate("96.5"));
    EXPECT_EQ(tick.observed_at, noon - 2s);
}

TEST_F(DeclaredPoll, ReadsATimeInSecondsMillisecondsAndMicroseconds) {
    for (const auto* const at :
         {"1795262400", "\"1795262400.000\"", "1795262400000", "1795262400000000", "1.7952624e9"}) {
        const auto outcome = answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": )" + std::string(at) + "}");
        ASSERT_EQ(outcome.ticks.size(), 1U) << at;
        EXPECT_EQ(outcome.ticks.front().observed_at, noon) << at;
    }
}

TEST_F(DeclaredPoll, ATimeMayBeTenSecondsAhead) {
    const auto at = [&](TimePoint time) {
        return answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": )" +
                          std::to_string(time.time_since_epoch().count()) + "}",
                      noon);
    };
    EXPECT_EQ(at(noon + 10s).ticks.size(), 1U);
    EXPECT_EQ(at(noon + 10s + 1ms).ticks.size(), 0U);
}

TEST_F(DeclaredPoll, ANewPriceOfEitherSideIsAChange) {
    source.changes_within = 10s;
    const auto ticks = [&](const char* buy, const char* sell, TimePoint now) {
        return answer(R"({"usdt": {"buy": )" + std::string(buy) + R"(, "sell": )" + sell +
                          R"(}, "at": 1795262400})",
                      now)
            .ticks.size();
    };
    EXPECT_EQ(ticks("95", "96", noon), 1U);
    EXPECT_EQ(ticks("95", "97", noon + 10s), 1U);
    EXPECT_EQ(ticks("95", "97", noon + 20s), 1U);
    EXPECT_EQ(ticks("95", "97", noon + 20001ms), 0U);
    EXPECT_EQ(ticks("94", "97", noon + 30s), 1U);
    EXPECT_EQ(ticks("94", "97", noon + 40s), 1U);
}

TEST_F(DeclaredPoll, TellsTheUnitOfATimeByItsSize) {
    const std::pair<const char*, std::int64_t> times[] = {{"99999999999", 99'999'999'999'000},
                                                          {"100000000000", 100'000'000'000},
                                                          {"99999999999999", 99'999'999'999'999},
                                                          {"100000000000000", 100'000'000'000}};
    for (const auto& [text, milliseconds] : times) {
        const auto outcome = answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": )" + std::string(text) + "}",
                                    TimePoint(Duration(100'000'000'000'000)));
        ASSERT_EQ(outcome.ticks.size(), 1U) << text;
        EXPECT_EQ(outcome.ticks.front().observed_at.time_since_epoch().count(), milliseconds) << text;
    }
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": 96}, "at": 100000000000000000})"), errc::malformed);
}

TEST_F(DeclaredPoll, APriceWithoutATimeIsAsOldAsTheRequest) {
    source.prices.front().time.clear();
    const auto outcome = answer(R"({"usdt": {"buy": 95, "sell": 96}})");
    EXPECT_EQ(outcome.ticks.at(0).observed_at, noon);
}

TEST_F(DeclaredPoll, ATimeAheadIsNow) {
    const auto outcome = answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": "2026-11-21T12:00:09Z"})");
    EXPECT_EQ(outcome.ticks.at(0).observed_at, noon + 1s);
}

TEST_F(DeclaredPoll, ATimeFarAheadIsRefused) {
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": 96}, "at": "2026-11-21T12:00:12Z"})"), errc::malformed);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": 96}, "at": 179526240000000000})"), errc::malformed);
}

TEST_F(DeclaredPoll, WhatIsNoPriceIsRefused) {
    EXPECT_EQ(refusal("<!DOCTYPE html><html><body>Too many requests</body></html>"), errc::malformed);
    EXPECT_EQ(refusal(R"({"error": "no such pair"})"), errc::malformed);
    EXPECT_EQ(refusal(""), errc::malformed);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": null, "sell": 96}, "at": 1795262400})"), errc::malformed);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 0, "sell": 96}, "at": 1795262400})"), errc::not_positive);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": "-96"}, "at": 1795262400})"), errc::not_positive);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": 96}, "at": "yesterday"})"), errc::malformed);
    EXPECT_EQ(refusal(R"({"usdt": {"buy": 95, "sell": 96})"), errc::malformed);
    EXPECT_EQ(refusal(R"({"usdt"O"buy": 95}]})"), errc::malformed) << "the ask is not read after that";
}

TEST_F(DeclaredPoll, APriceThatStandsStillForTooLongIsRefused) {
    source.changes_within = 1min;
    const std::string same = R"({"usdt": {"buy": 95, "sell": 96}, "at": 1795262400})";
    for (int second = 1; second <= 61; second += 10)
        EXPECT_EQ(answer(same, noon + second * 1s).ticks.size(), 1U);
    EXPECT_EQ(refusal(same, noon + 62s), errc::out_of_order);
    EXPECT_EQ(answer(R"({"usdt": {"buy": 95, "sell": 96.01}, "at": 1795262400})", noon + 63s).ticks.size(),
              1U);
}

TEST_F(DeclaredPoll, OnePriceMakesBothSides) {
    source.prices.front() = {"USDT/CASHRUB", "/0/last", "/0/last", ""};
    const auto outcome = answer(R"([{"last": "95.5"}])");
    EXPECT_EQ(outcome.ticks.at(0).bid, rate("95.5"));
    EXPECT_EQ(outcome.ticks.at(0).ask, rate("95.5"));
}

TEST_F(DeclaredPoll, AsksAtItsCadenceAndWaitsLongerAfterFailures) {
    answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": 1795262400})");
    EXPECT_EQ(poll->make_request(noon).target, "?pair=usdt");
    EXPECT_EQ(poll->next_poll(true), noon + 10s);
    for (const auto& [status, body] : {std::pair(200, "no JSON"), std::pair(503, "")}) {
        answer(body, noon + 1s, status);
        EXPECT_GE(poll->next_poll(true), noon + 11s) << status;
        EXPECT_LE(poll->next_poll(true), noon + 61s) << status;
    }
}

TEST_F(DeclaredPoll, OneSymbolWithoutAPriceCostsNoOther) {
    source.prices.push_back({"EUR/CASHRUB", "/eur", "/eur", ""});
    symbols = {usdt, eur};
    const auto outcome = answer(R"({"usdt": {"buy": 95, "sell": 96}, "at": 1795262400})");
    EXPECT_EQ(outcome.ticks.size(), 1U);
    ASSERT_EQ(outcome.refusals.size(), 1U);
    EXPECT_EQ(outcome.refusals.front().what, "EUR/CASHRUB");
}

constexpr auto rates = R"(<?xml version="1.0"?><rates>
  <item><from>USDTTRC20</from><to>CASHRUB</to><in>1</in><out>95.1</out><amount>100000</amount></item>
  <item><from>CASHRUB</from><to>USDTTRC20</to><in>100</in><out>1.03</out><amount>5000</amount></item>
  <item><from>USDTTRC20</from><to>CASHRUB</to><in>1</in><out>90</out><city>SPB</city></item>
  <item><from>BTC</from><to>CASHRUB</to><in>0</in><out>1</out></item>
</rates>)";

TEST_F(DeclaredPoll, OfAnXmlListTheBidIsWhatASellerGetsAndTheAskWhatABuyerGives) {
    source.format = DeclaredSource::Format::rates_xml;
    source.prices.front() = {"USDT/CASHRUB", "USDTTRC20/CASHRUB", "CASHRUB/USDTTRC20", ""};
    const auto outcome = answer(rates);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(outcome.ticks.front().bid, rate("95.1"));
    EXPECT_EQ(outcome.ticks.front().ask, rate("97.087378640776699030"));  // 100 / 1.03, rounded up
}

TEST_F(DeclaredPoll, WhatAnXmlListLacksIsRefused) {
    source.format = DeclaredSource::Format::rates_xml;
    source.prices.front() = {"USDT/CASHRUB", "BTC/CASHRUB", "BTC/CASHRUB", ""};
    EXPECT_EQ(refusal(rates), errc::not_positive);
    source.prices.front() = {"USDT/CASHRUB", "ETH/CASHRUB", "ETH/CASHRUB", ""};
    EXPECT_EQ(refusal(rates), errc::malformed);
    EXPECT_EQ(refusal("<html><body/></html>"), errc::malformed);
    EXPECT_EQ(refusal(R"({"error": 1})"), errc::malformed);
}

}  // namespace
}  // namespace kurs
