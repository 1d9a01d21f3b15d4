#include "kurs/config/exports_document.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kurs {
namespace {

using namespace std::chrono_literals;
using exports::Format;

MarketMap map_of_roubles() {
    MarketMap map;
    map.venues = {"binance", "kraken"};
    map.exchangers = {VenueId{0}, VenueId{1}};
    for (const auto* text : {"USDTTRC-RUB", "BTC-RUB"}) map.directions.push_back(*Direction::parse(text));
    map.routes = {{VenueId{0}, DirectionId{0}, {}, {}},
                  {VenueId{0}, DirectionId{1}, {}, {}},
                  {VenueId{1}, DirectionId{1}, {}, {}}};
    map.places = {{"RUB", 2}, {"USDTTRC", 6}};
    return map;
}

constexpr std::string_view document = R"json({
  "proxies": ["172.16.0.0/12"],
  "exports": {
    // As docs/exports.md explains.
    "bestchange": {
      "format": "eref-1.1",
      "secret": "a-secret-of-the-path",
      "allow": ["192.0.2.0/24", "2001:db8::1"],
      "exchanger": "binance",
      "markup": "1.2%",
      "codes": {"USDTTRC": ["USDTTRC20"], "RUB": ["SBPRUB", "CASHRUB"], "BTC": ["BTC"]},
      "digits": {"BTC": 8},
      "reserve": {"SBPRUB": "1500000.50", "USDTTRC20": "20000", "BTC": "1.5"},
      "items": [
        {"from": "USDTTRC20", "to": "SBPRUB", "direction": "USDTTRC-RUB", "side": "sell", "min": "100",
         "max": "20000", "steps": [{"below": "1000", "markup": "1.5%"}], "fromfee": ["1", "0.5%"],
         "tofee": "10", "labels": ["manual"], "floating": {"minutes": 15, "percent": "1"}, "delay": 10,
         "hours": "09:00-21:00 +03:00"},
        {"from": "CASHRUB", "to": "BTC", "markup": "0%", "city": "MSK"}
      ]
    }
  }
})json";

struct Parsed {
    std::optional<exports::Exports> exports;
    std::string problems;
};

Parsed parse(std::string_view text) {
    static const auto map = map_of_roubles();
    std::vector<Problem> problems;
    Parsed parsed{parse_exports_document(text, map, problems), {}};
    for (const auto& problem : problems) parsed.problems += to_string(problem) + "\n";
    EXPECT_EQ(parsed.exports.has_value(), problems.empty());
    return parsed;
}

/// The problems of the document with one part replaced.
std::string problems_with(std::string_view old_text, std::string_view new_text) {
    std::string text(document);
    const auto at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return parse(text.replace(at, old_text.size(), new_text)).problems;
}

Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

TEST(ExportsDocument, HasEveryPartOfAnItem) {
    const auto [made, problems] = parse(document);
    ASSERT_TRUE(made) << problems;
    EXPECT_EQ(made->proxies.size(), 1U);
    const auto& bestchange = *made->find("bestchange");
    EXPECT_EQ(bestchange.format, Format::eref_1_1);
    EXPECT_EQ(bestchange.secret, "a-secret-of-the-path");
    EXPECT_EQ(bestchange.allowed.size(), 2U);
    EXPECT_EQ(bestchange.exchanger, VenueId{0});
    ASSERT_EQ(bestchange.items.size(), 2U);

    const auto& sale = bestchange.items[0];
    EXPECT_EQ(sale.from, (exports::Code{"USDTTRC20", 6, 6, rate("20000")}));
    EXPECT_EQ(sale.to, (exports::Code{"SBPRUB", 4, 2, rate("1500000.5")}));
    EXPECT_EQ(sale.direction, DirectionId{0});
    EXPECT_EQ(sale.side, Side::sell);
    ASSERT_EQ(sale.tiers.size(), 2U);
    EXPECT_EQ(sale.tiers[0].below, rate("1000"));
    EXPECT_EQ(sale.tiers[0].markup_ppb, 15'000'000U);
    EXPECT_EQ(sale.tiers[1].markup_ppb, 12'000'000U);
    EXPECT_EQ(sale.max, rate("20000"));
    EXPECT_TRUE(sale.from_fees[0].is_percent);
    EXPECT_EQ(sale.from_fees[1].amount, rate("1"));
    EXPECT_EQ(sale.to_fees[0].amount, rate("10"));
    EXPECT_EQ(sale.labels, std::vector<std::string>{"manual"});
    EXPECT_EQ(sale.floating->minutes, 15U);
    EXPECT_EQ(sale.floating->percent, rate("1"));
    EXPECT_EQ(sale.delay_minutes, 10U);
    EXPECT_EQ(sale.hours->opens, 9h);

    const auto& purchase = bestchange.items[1];
    EXPECT_EQ(purchase.side, Side::buy);
    EXPECT_EQ(purchase.tiers[0].markup_ppb, 0U);
    EXPECT_EQ(purchase.city, "MSK");
}

TEST(ExportsDocument, PublishesAllPairsThatADirectionConnects) {
    const auto [made, problems] = parse(
        R"({"exports": {"source": {"format": "iex-json", "items": "all",
            "codes": {"USDTTRC": ["USDTTRC20"], "RUB": ["SBPRUB", "CARDRUB"], "BTC": ["BTC"]}}}})");
    ASSERT_TRUE(made) << problems;
    std::vector<std::string> pairs;
    for (const auto& item : made->all[0].items) pairs.push_back(item.from.name + " " + item.to.name);
    EXPECT_EQ(pairs, (std::vector<std::string>{"USDTTRC20 SBPRUB", "USDTTRC20 CARDRUB", "SBPRUB USDTTRC20",
                                               "SBPRUB BTC", "CARDRUB USDTTRC20", "CARDRUB BTC", "BTC SBPRUB",
                                               "BTC CARDRUB"}));
    EXPECT_EQ(made->all[0].items[0].to.rate_places, 12);
}

TEST(ExportsDocument, NamesThePlaceOfEachProblemAndWhatToChange) {
    for (const auto& [old_text, new_text, problem] :
         std::vector<std::tuple<std::string_view, std::string_view, std::string_view>>{
             {"\"eref-1.1\"", "\"eref\"",
              "exports, bestchange, format is 'eref': must be one of eref-1.1, xml-1.0, json-1.3, txt, "
              "iex-json, iex-txt, exchanger-cms"},
             {"a-secret-of-the-path", "secret",
              "secret is '(hidden)': must be 16 to 64 letters, digits, - and _"},
             {"192.0.2.0/24", "192.0.2.1/24",
              "allow is '192.0.2.1/24': must be an address, or a network such as 192.0.2.0/24"},
             {"172.16.0.0/12", "nginx", "exports, proxies is 'nginx': must be an address, or a network"},
             {"\"exchanger\": \"binance\"", "\"exchanger\": \"okx\"",
              "exchanger is 'okx': must be one of binance, kraken"},
             {"\"exchanger\": \"binance\"", "\"exchanger\": \"kraken\"",
              "item 1, USDTTRC20 to SBPRUB: kraken does not quote USDTTRC-RUB"},
             {"\"1.2%\"", "\"51%\"", "markup is '51%': must be a percentage from \"0%\" to \"50%\""},
             {"\"1.2%\"", "\"-1%\"", "markup is '-1%': must be a percentage"},
             {"\"1.2%\"", "\"1.00000001%\"", "with at most 7 decimals"},
             {"[\"USDTTRC20\"]", "[\"USDT\"]",
              "codes 'USDTTRC' is 'USDT': names no network, and monitors disagree about which one it means"},
             {"[\"USDTTRC20\"]", "[\"usdt\"]", "must be 2 to 16 capital letters, digits and _"},
             {"\"CASHRUB\"]", "\"SBPRUB\"]", "codes 'RUB' is 'SBPRUB': is listed twice"},
             {"\"BTC\": [\"BTC\"]", "\"ETH\": [\"ETH\"]",
              "codes is 'ETH': must be the base or quote of a served direction: USDTTRC, RUB, BTC"},
             {"\"BTC\": 8}", "\"BTC\": 19}", "digits 'BTC' is '19': must be a whole number from 0 to 18"},
             {"\"BTC\": 8}", "\"ETH\": 8}", "digits is 'ETH': is none of the codes"},
             {"1500000.50", "1500000.501",
              "reserve, SBPRUB is '1500000.501': must be a positive decimal in quotes with at most 2 "
              "decimals"},
             {", \"BTC\": \"1.5\"}", "}",
              "item 2, CASHRUB to BTC: needs a reserve of BTC: add it to \"reserve\""},
             {"\"to\": \"SBPRUB\"", "\"to\": \"SBERRUB\"",
              "item 1, to is 'SBERRUB': must be one of the codes"},
             {"\"to\": \"SBPRUB\"", "\"to\": \"BTC\"",
              "item 1, USDTTRC20 to BTC: the market map serves neither USDTTRC-BTC nor BTC-USDTTRC"},
             {"\"USDTTRC-RUB\"", "\"BTC-RUB\"",
              "direction is 'BTC-RUB': must be USDTTRC-RUB, which follows from the two codes"},
             {"\"sell\"", "\"buy\"", "side is 'buy': must be sell, which follows from the two codes"},
             {"\"min\": \"100\"", "\"min\": \"20001\"",
              "min is '20001': must not exceed max, which is 20000"},
             {"\"below\": \"1000\"", "\"below\": \"100\"",
              "step 1, below is '100': must be greater than the step before it, and than min"},
             {"\"below\": \"1000\"", "\"below\": \"20000\"",
              "step 1, below is '20000': must be smaller than max"},
             {"\"below\": \"1000\"", "\"under\": \"1000\"",
              "step 1 is 'under': is unknown; known keys are below, markup"},
             {"[\"1\", \"0.5%\"]", "[\"1\", \"2\"]",
              "fromfee is '2': has a second amount or a second percentage"},
             {"\"0.5%\"]", "\"5 %\"]",
              "fromfee is '5 %': must be an amount such as \"10\", or a percentage such as \"1%\""},
             {"[\"manual\"]", "[\"slow\"]", "labels is 'slow': must be of manual, juridical"},
             {"\"delay\": 10", "\"delay\": \"10\"", "delay is '\"10\"': must be a whole number of minutes"},
             {"\"city\": \"MSK\"", "\"city\": \"Moscow\"",
              "city is 'Moscow': must be 2 to 16 capital letters and digits"},
             {"\"markup\": \"0%\"", "\"margin\": \"0%\"",
              "item 2, CASHRUB to BTC is 'margin': is unknown; known keys are city, delay"},
             {"\"from\": \"CASHRUB\"", "\"from\": \"SBPRUB\"",
              "city is 'MSK': needs a code that begins with CASH"},
             {"09:00-21:00 +03:00", "9-21", "hours is '9-21': must be as \"09:00-21:00 Europe/Moscow\""},
             {"09:00-21:00 +03:00", "09:00-21:00 ../../etc/passwd",
              "must be as \"09:00-21:00 Europe/Moscow\""},
             {"\"proxies\"", "\"trusted\"",
              "exports, top is 'trusted': is unknown; known keys are exports, proxies"},
             {"\"bestchange\"", "\"Best Change\"",
              "name is 'Best Change': must be 1 to 32 lower-case letters, digits, - and _"},
             {"\"digits\"", "\"codes\"", "key 'codes': appears twice in one object"},
             {"{\n  \"proxies\"", "[\n  \"proxies\"", "is not JSON"},
         }) {
        const auto problems = problems_with(old_text, new_text);
        EXPECT_NE(problems.find(problem), std::string::npos) << problem << "\n  is not in\n" << problems;
    }
}

TEST(ExportsDocument, ReadsReservesFromTheirSources) {
    constexpr std::string_view constant = R"("USDTTRC20": "20000")";
    const auto with = [&](const std::string& source) {
        std::string text(document);
        return parse(text.replace(text.find(constant), constant.size(), R"("USDTTRC20": )" + source));
    };
    const std::string source =
        R"({"url": "http://shop.example:81/r.json", "pointer": "/trc", "max_age": "10m"})";
    const auto [made, problems] = with(source + R"(, "CASHRUB": )" + source);
    ASSERT_TRUE(made) << problems;
    ASSERT_EQ(made->reserve_sources.size(), 1U) << "one URL and pointer is asked once";
    EXPECT_EQ(made->reserve_sources[0].endpoint, (Endpoint{false, "shop.example", 81, "/r.json"}));
    EXPECT_EQ(made->reserve_sources[0].pointer, "/trc");
    EXPECT_EQ(made->reserve_sources[0].max_age, 10min);
    EXPECT_EQ(made->all[0].items[0].from.reserve_source, 0U);

    const auto wrong =
        with(R"({"url": "shop.example", "pointer": "trc", "max_age": "1ms", "key": ""})").problems;
    for (const auto* const problem :
         {"reserve, USDTTRC20, url is 'shop.example': must be an http:// or https:// URL without a query",
          "reserve, USDTTRC20, pointer is 'trc': must be a JSON pointer such as \"/reserves/SBPRUB\"",
          "reserve, USDTTRC20, max_age is '1ms': must be a time from 1s to 24h",
          "reserve, USDTTRC20 is 'key': is unknown; known keys are max_age, pointer, url"})
        EXPECT_NE(wrong.find(problem), std::string::npos) << problem << " is not in\n" << wrong;
}

TEST(ExportsDocument, RefusesWhatAFormatCannotExpress) {
    EXPECT_NE(problems_with("\"eref-1.1\"", "\"txt\"").find("the format txt has no fees; add them to markup"),
              std::string::npos);
    EXPECT_NE(problems_with("\"eref-1.1\"", "\"xml-1.0\"")
                  .find("the format xml-1.0 has one fee for each of from and to"),
              std::string::npos);
    EXPECT_NE(problems_with("\"eref-1.1\"", "\"json-1.3\"")
                  .find("digits 'BTC' is '8': must be a whole number from 0 to 6"),
              std::string::npos);
}

TEST(ExportsDocument, PublishesEachCityOnceAndOneOfThemWhereTheFormatHasOneRate) {
    const auto problems = [](std::string_view format, std::string_view second_city) {
        return parse(R"({"exports": {"cash": {"format": ")" + std::string(format) +
                     R"(", "codes": {"RUB": ["CASHRUB"], "BTC": ["BTC"]}, "items": [
                     {"from": "BTC", "to": "CASHRUB", "city": "MSK"},
                     {"from": "BTC", "to": "CASHRUB", "city": ")" +
                     std::string(second_city) + R"("}]}}})")
            .problems;
    };
    constexpr std::string_view twice = "exports, cash, item 2, BTC to CASHRUB: is listed twice\n";
    EXPECT_EQ(problems("xml-1.0", "SPB"), "");
    EXPECT_EQ(problems("xml-1.0", "MSK"), twice);
    for (const auto* const without_cities : {"json-1.3", "iex-json", "iex-txt", "exchanger-cms"})
        EXPECT_EQ(problems(without_cities, "SPB"), twice) << without_cities;
}

TEST(ExportsDocument, RefusesPairsThatExchangerCmsCannotDistinguish) {
    const auto [made, problems] = parse(
        R"({"exports": {"cms": {"format": "exchanger-cms", "codes": {"RUB": ["CRUB", "RUB"], "BTC": ["BT", "BTC"]},
            "items": [{"from": "BT", "to": "CRUB"}, {"from": "BTC", "to": "RUB"}]}}})");
    EXPECT_EQ(problems, "exports, cms, item 2, BTC to RUB: is listed twice\n");
}

TEST(ExportsDocument, KnowsTheTimeZonesOfTheSystem) {
    std::string text(document);
    text.replace(text.find("+03:00"), 6, "Europe/Berlin");
    const auto [made, problems] = parse(text);
    ASSERT_TRUE(made) << problems;
    const auto& zone = made->all[0].items[0].hours->zone;
    EXPECT_EQ(zone.offset_at(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)), 1h);
    EXPECT_EQ(zone.offset_at(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1)), 2h);
}

}  // namespace
}  // namespace kurs
