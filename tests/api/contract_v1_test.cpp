#include "api/contract_v1.hpp"

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api {
namespace {

TEST(CoursesQuery, IsParsedInEverySpelling) {
    const struct {
        std::string_view raw;
        CoursesQuery query;
    } table[] = {
        {"", {}},
        {"direction=BTC-USD", {{}, {btc_usd}, {}}},
        {"directions=btc-usd", {{}, {btc_usd}, {}}},
        {"direction=ETH-USD,btc-usd", {{}, {btc_usd, eth_usd}, {}}},
        {"direction=ETH-USD&directions=BTC-USD", {{}, {btc_usd, eth_usd}, {}}},
        {"direction=BTC-USD%2Ceth%2Dusd", {{}, {btc_usd, eth_usd}, {}}},
        {"direction=BTC-USD,BTC-usd&direction=BTC-USD", {{}, {btc_usd}, {}}},
        {"direction=ETH-USD,BTC-RUB,BTC-USD", {}},
        {"direction=BTC-USD,%20ETH-USD", {{}, {btc_usd, eth_usd}, {}}},
        {"direction=BTC-USD,+ETH-USD", {{}, {btc_usd, eth_usd}, {}}},
        {"direction=%20BTC-USD%09", {{}, {btc_usd}, {}}},
        {"direction[]=BTC-USD&direction[]=ETH-USD", {{}, {btc_usd, eth_usd}, {}}},
        {"direction%5B%5D=BTC-USD", {{}, {btc_usd}, {}}},
        {"directions[0]=BTC-USD&directions[12]=ETH-USD", {{}, {btc_usd, eth_usd}, {}}},
        {"exchanger=Binance", {binance, {}, {}}},
        {"exchanger=%20coinGeko+", {coingecko, {}, {}}},
        {"exchanger=coingeko", {coingecko, {}, {}}},
        {"exchanger=coingeko&exchanger=COINGECKO", {coingecko, {}, {}}},
        {"max_age=1", {{}, {}, 1s}},
        {"max_age=86400000&&exchanger=binance", {binance, {}, 86'400'000s}},
    };
    for (const auto& [raw, query] : table) {
        const auto parsed = parse_courses_query(small_market(), raw);
        ASSERT_TRUE(parsed) << raw << ": " << parsed.error();
        EXPECT_TRUE(*parsed == query) << raw;
    }
}

TEST(CoursesQuery, IsRefusedWithTheAllowedValues) {
    const struct {
        std::string_view raw;
        std::string_view said;
    } table[] = {
        {"foo=1", "direction (or directions, direction[]), exchanger, max_age"},
        {"Direction=BTC-USD", "Unknown parameter \"Direction\""},
        {"direction=", "BTC-RUB, BTC-USD, ETH-USD"},
        {"direction", "empty item"},
        {"direction=BTC-USD,", "empty item"},
        {"direction=,BTC-USD", "empty item"},
        {"direction=BTC-EUR", "Unknown direction \"BTC-EUR\". Served: BTC-RUB, BTC-USD, ETH-USD."},
        {"direction=BTCUSD", "Unknown direction"},
        {"direction=%0d%0a%22", "Unknown direction \"??\"\""},
        {"direction=BTC%ZZ", "malformed percent-encoding"},
        {"direction=BTC%2", "malformed percent-encoding"},
        {"direction=BTC USD", "a URL does not allow"},
        {"direction=BTC-USD,%20", "empty item"},
        {"direction[x]=BTC-USD",
         "Unknown parameter \"direction[x]\". Allowed: direction (or directions, direction[])"},
        {"direction]=BTC-USD", "Unknown parameter"},
        {"exchanger[]=binance", "Unknown parameter \"exchanger[]\""},
        {"format=csv", "Responses are JSON; candles as CSV are at /api/v2/history/{direction}/candles.csv."},
        {"exchanger=", "Allowed: binance, coingecko."},
        {"exchanger=cbr", "Allowed: binance, coingecko."},
        {"exchanger=binance&exchanger=coingecko", "different values"},
        {"max_age=0", "from 1 to 86400000"},
        {"max_age=86400001", "from 1 to 86400000"},
        {"max_age=99999999999999999999", "from 1 to 86400000"},
        {"max_age=1.5", "whole seconds"},
        {"max_age=-1", "whole seconds"},
        {"max_age=%2B1", "whole seconds"},
        {"max_age=", "whole seconds"},
        {"max_age=5&max_age=5", "Give it once"},
    };
    for (const auto& [raw, said] : table) {
        const auto parsed = parse_courses_query(small_market(), raw);
        ASSERT_FALSE(parsed) << raw;
        EXPECT_NE(parsed.error().find(said), std::string::npos) << raw << ": " << parsed.error();
    }
}

TEST(CoursesQuery, EchoesLittleOfALongValue) {
    const auto parsed = parse_courses_query(small_market(), "direction=" + std::string(3000, 'A'));
    ASSERT_FALSE(parsed);
    EXPECT_LT(parsed.error().size(), 150U);
}

TEST(Courses, AreInTheConfiguredOrderWithTheirExchanger) {
    Market market;
    const auto selection = market.board.select(binance, {}, {}, noon);
    EXPECT_EQ(render_courses(market.map, selection), both_courses);
}

TEST(Courses, AreRoundedOnceToEightDecimals) {
    Market market;
    market.board.apply(quote(coingecko, btc_usd, "1.000000005"));
    market.board.apply(quote(coingecko, eth_usd, "120.500000004999999999"));
    EXPECT_EQ(render_courses(market.map, market.board.select(coingecko, {}, {}, noon)),
              R"({"exchanger":"coingecko","courses":[{"direction":"BTC-USD","value":1.00000001},)"
              R"({"direction":"ETH-USD","value":120.5}]})");
}

TEST(Courses, KeepTheDigitsOfASmallValue) {
    Market market;
    market.board.apply(quote(binance, btc_usd, "0.000000204129371234"));
    const std::vector only{btc_usd};
    EXPECT_EQ(render_courses(market.map, market.board.select(binance, only, {}, noon)),
              R"({"exchanger":"binance","courses":[{"direction":"BTC-USD","value":0.00000020412937}]})");
}

TEST(NoCourses, AreExplained) {
    const auto map = small_market();
    EXPECT_EQ(explain_no_courses(map, {}, {}).detail,
              "No exchanger has served a fresh course yet. Retry in a second.");
    const auto problem = explain_no_courses(map, coingecko, {coingecko, {btc_usd}, 1s});
    EXPECT_EQ(problem.status, 503U);
    EXPECT_EQ(problem.headers, "Retry-After: 1\r\n");
    EXPECT_EQ(problem.detail,
              "The exchanger coingecko has no fresh course for the requested directions (BTC-USD). Retry in "
              "a second, "
              "allow a larger max_age, or omit the parameter exchanger.");
}

TEST(NoCourses, DisputesAreMentioned) {
    const auto detail = explain_no_courses(small_market(), binance, {}, 2).detail;
    EXPECT_NE(detail.find("Other exchangers contradict some of its rates: /api/v2/courses has the reasons."),
              std::string::npos)
        << detail;
}

TEST(NoCourses, AdviceIsAlwaysAListOfAlternatives) {
    const auto map = small_market();
    const std::string begin =
        "The exchanger binance has no fresh course for the requested directions (all directions). ";
    const struct {
        CoursesQuery query;
        std::string_view advice;
    } table[] = {
        {{}, "Retry in a second."},
        {{{}, {}, 1s}, "Retry in a second, or allow a larger max_age."},
        {{binance, {}, {}}, "Retry in a second, or omit the parameter exchanger."},
    };
    for (const auto& [query, advice] : table)
        EXPECT_EQ(explain_no_courses(map, binance, query).detail, begin + std::string(advice));
}

}  // namespace
}  // namespace kurs::api
