#include "kurs/config/market_document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "config/small_document.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

bool is_capitals(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}
bool has_slash(std::string_view text) {
    return text.find('/') != std::string_view::npos;
}

SpeltPair coin_and_currency(std::string_view text) {
    const auto slash = text.find('/');
    std::string currency(text.substr(slash + 1));
    for (char& c : currency) c = static_cast<char>(std::toupper(c));
    return {std::string(text.substr(0, slash)), "", currency};
}

SpeltPair two_codes(std::string_view text) {
    return {"", std::string(text.substr(0, 3)), "RUB"};
}

const std::vector<VenueRule> rules{
    {"binance", 5s, {}, {"BTCUSDT", is_capitals, {}, true}, {"Binance", "Binance"}, {}},
    {"coingecko",
     180s,
     15min,
     {"bitcoin/usd", has_slash, coin_and_currency},
     {"CoinGecko", "CoinGecko"},
     {"coingeko"}},
    {"cbr", 12 * 24h, {}, {"USD/RUB", has_slash, two_codes}, {"Bank of Russia", "Банк России"}, {}}};

struct Parsed {
    std::optional<MarketMap> map;
    std::vector<Problem> problems;

    bool mentions(std::string_view words) const {
        return std::ranges::any_of(
            problems, [&](const Problem& each) { return to_string(each).find(words) != std::string::npos; });
    }
};

Parsed parse(std::string_view document) {
    Parsed parsed;
    parsed.map = parse_market_document(document, rules, parsed.problems);
    return parsed;
}

/// The document with one part replaced.
std::string with(std::string_view old_text, std::string_view new_text) {
    std::string document(testing::small_document);
    const auto at = document.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return document.replace(at, old_text.size(), new_text);
}

TEST(MarketDocument, HoldsTheTitlesAndAliasesOfItsVenues) {
    const auto map = parse(testing::small_document).map.value();
    EXPECT_EQ(map.title(*map.find_venue("cbr")).ru, "Банк России");
    EXPECT_EQ(map.aliases.at("coingeko"), "coingecko");
}

TEST(MarketDocument, ServesItsDirectionsInOrder) {
    const auto [map, problems] = parse(testing::small_document);
    ASSERT_TRUE(map) << (problems.empty() ? "" : to_string(problems.front()));
    std::vector<std::string> directions;
    for (const auto& direction : map->directions) directions.push_back(direction.text());
    EXPECT_EQ(directions, (std::vector<std::string>{"BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "USDTTRC-RUB",
                                                    "USDTTRC-USD", "USDTERC-RUB", "USDTERC-USD"}));
    EXPECT_EQ(map->routes.size(), 16U);
    EXPECT_EQ(map->name(map->exchangers.at(0)), "binance");
}

TEST(MarketDocument, LimitsComeFromTheVenueTheSymbolOrTheUse) {
    const auto map =
        *parse(with(R"("max_jump_percent": 5)", R"("max_jump_percent": 5, "max_age": "7s")")).map;
    const auto& route = map.routes.front();
    EXPECT_EQ(route.legs.at(0).max_age, 5s);
    EXPECT_EQ(route.legs.at(1).max_age, 7s);
    const auto& sources = map.reference_rates.at(0).sources;
    EXPECT_EQ(sources.at(0).legs.at(0).max_age, 15min);
    EXPECT_EQ(sources.at(1).legs.at(0).max_age, 12 * 24h);
}

TEST(MarketDocument, ANewDirectionIsOneLine) {
    const auto parsed = parse(with("    {\"direction\": \"BTC-USD\"",
                                   "    {\"direction\": \"SOL-USD\", \"binance\": \"SOLUSDT / USDCUSDT\", "
                                   "\"coingecko\": \"solana/usd\"},\n"
                                   "    {\"direction\": \"BTC-USD\""));
    ASSERT_TRUE(parsed.map) << to_string(parsed.problems.front());
    const auto found = std::ranges::find(parsed.map->symbols, "SOLUSDT", &Symbol::name);
    EXPECT_EQ(found->base, "SOL");
    EXPECT_EQ(found->quote, "USDT");
}

TEST(MarketDocument, ANewCurrencyIsOneLine) {
    const auto parsed = parse(with("    {\"direction\": \"BTC-USD\"",
                                   "    {\"direction\": \"BTC-EUR\", \"binance\": \"BTCUSDT / EURUSDT\"},\n"
                                   "    {\"direction\": \"BTC-USD\""));
    ASSERT_TRUE(parsed.map) << to_string(parsed.problems.front());
    const auto found = std::ranges::find(parsed.map->symbols, "EURUSDT", &Symbol::name);
    EXPECT_EQ(found->base + "/" + found->quote, "EUR/USDT");
}

TEST(MarketDocument, TwoUnknownSymbolsInOneRouteNeedTheirPairs) {
    EXPECT_TRUE(parse(with("    {\"direction\": \"BTC-RUB\"",
                           "    {\"direction\": \"SOL-EUR\", \"binance\": \"SOLUSDT / EURUSDT\"},\n"
                           "    {\"direction\": \"BTC-RUB\""))
                    .mentions("set the pairs of its symbols"));
}

TEST(MarketDocument, RefusesARouteOfAnotherPair) {
    EXPECT_TRUE(parse(with("\"1 / USDCUSDT\"", "\"USDCUSDT\"")).mentions("is a leg inverted?"));
    EXPECT_TRUE(
        parse(with("tether/rub / tether/usd", "tether/rub * tether/usd")).mentions("makes a wrong price"));
    EXPECT_TRUE(parse(with("\"BTCUSDT / USDCUSDT\"", "\"BTCUSDT * USDCUSDT\"")).mentions("lacks"));
    EXPECT_TRUE(parse(with("\"coingecko\": \"tether/rub\"", "\"coingecko\": \"tether/usd\""))
                    .mentions("USDTTRC-RUB"));
}

TEST(MarketDocument, ListsEveryProblem) {
    const auto parsed = parse(R"({
      "venues": {"binance": {"symbols": {"BTCUSDT": {"pair": "BTC-USDT", "min": 5, "max_jump_percent": 0, "colour": 1}}}, "mtgox": {}},
      "exchangers": ["binance", "binance", "bybit"], "speed": 9,
      "directions": [{"direction": "BTC_USD"}, {"direction": "BTC-USD"}, {"direction": "BTC-USD", "cbr": "X"},
                     {"direction": "ETH-USD", "binance": "ETHUSDT /"}, 7]})");
    EXPECT_FALSE(parsed.map);
    for (const auto* words :
         {"BTC/USDT", "must be a string in quotes", "from 1 to 1000", "colour", "mtgox", "is named twice",
          "bybit", "speed", "BTC_USD", "needs a route", "ETHUSDT /", "each must be an object"}) {
        EXPECT_TRUE(parsed.mentions(words)) << words;
    }
}

TEST(MarketDocument, RefusesOtherDocuments) {
    EXPECT_TRUE(parse("").mentions("is not JSON"));
    EXPECT_TRUE(parse("{").mentions("is not JSON"));
    EXPECT_TRUE(parse(R"({"venues": {"binance": {"symbols": {"BTCUSDT": {"min": 1e400}}}}})")
                    .mentions("has a number that is too large"));
    EXPECT_TRUE(parse("[]").mentions("must be a JSON object"));
    EXPECT_TRUE(parse("{}").mentions("needs at least one"));
    EXPECT_TRUE(parse(R"({"venues": [], "directions": {}})").mentions("must be"));
    EXPECT_TRUE(parse(R"({"venues": {"cbr": {}, "cbr": {}}})").mentions("appears twice"));
}

TEST(MarketDocument, RefusesSymbolsInAnotherSpelling) {
    EXPECT_TRUE(parse(with("\"bitcoin/rub\"", "\"BTCRUB\"")).mentions("look like bitcoin/usd"));
}

TEST(MarketDocument, RefusesARouteThatContradictsASymbolsName) {
    EXPECT_TRUE(parse(with("\"bitcoin/usd\"", "\"bitcoin/rub\"")).mentions("BTC-USD"));
    EXPECT_TRUE(parse(with("\"ethereum/usd\"", "\"bitcoin/usd\"")).mentions("makes a wrong price"));
    EXPECT_TRUE(parse(with("\"ethereum/usd\"", "\"1 / ethereum/usd\"")).mentions("is a leg inverted?"));
    EXPECT_TRUE(parse(with("cbr: USD/RUB", "cbr: EUR/RUB")).mentions("is not what its name says"));
    EXPECT_TRUE(parse(with("\"pair\": \"USDT/RUB\"", "\"pair\": \"USDT/USD\""))
                    .mentions("is not what its name says"));
    EXPECT_TRUE(parse(with("\"bitcoin/usd\"", "\"monero/usd\"")).map) << "nothing else is said of monero";
    EXPECT_TRUE(parse(with("\"ethereum/usd\"", "\"tether/eur\"")).mentions("is not what its name says"));
}

TEST(MarketDocument, ABinanceSymbolIsItsTwoCodesUnlessAPairOverridesIt) {
    const auto euro = [](std::string_view symbol) {
        return with("    {\"direction\": \"BTC-USD\"", "    {\"direction\": \"BTC-EUR\", \"binance\": \"" +
                                                           std::string(symbol) +
                                                           "\"},\n    {\"direction\": \"BTC-USD\"");
    };
    EXPECT_TRUE(parse(euro("BTCEUR")).map);
    EXPECT_TRUE(parse(euro("ETHEUR")).mentions("not what its name says"));
    auto stated = euro("XBTEUR");
    stated.replace(stated.find("\"USDCUSDT\": {"), 0, "\"XBTEUR\": {\"pair\": \"BTC/EUR\"}, ");
    EXPECT_TRUE(parse(stated).map);
}

TEST(MarketDocument, ASymbolsOwnLimitAppliesInAReferenceRate) {
    const auto map = *parse(with("\"tether/rub\": {", "\"tether/rub\": {\"max_age\": \"10s\", ")).map;
    EXPECT_EQ(map.reference_rates.at(0).sources.at(0).legs.at(0).max_age, 10s);
}

TEST(MarketDocument, AReferenceRateOfAFastVenueKeepsItsOwnLimit) {
    const auto map =
        *parse(with("\"coingecko: tether/rub / tether/usd\"", "\"binance: USDTRUB * USDCUSDT\"")).map;
    EXPECT_EQ(map.reference_rates.at(0).sources.at(0).legs.at(0).max_age, 5s);
}

/// The small document with reference rates of a dollar token, in which USDC is not the dollar.
std::string dollar(const std::string& usdt_sources) {
    std::string document(testing::small_document);
    const auto replace = [&document](std::string_view before, std::string_view after) {
        for (auto at = document.find(before); at != std::string::npos;
             at = document.find(before, at + after.size()))
            document.replace(at, before.size(), after);
    };
    replace(", \"USDC\": \"USD\"", "");
    replace("1 / USDCUSDT", "USDT-USD");
    replace("/ USDCUSDT", "* USDT-USD");
    replace("\"fiat_legs\"", R"("reference_rates": {
        "USDC-USD": ["coingecko: usd-coin/usd"],
        "USDT-USD": [)" + usdt_sources +
                                 R"(]
      },
      "fiat_legs")");
    replace("\"binance\": \"USDT-USD", "\"binance\": \"1 / USDCUSDT * USDC-USD");
    return document;
}

TEST(MarketDocument, AReferenceRateMayUseAnEarlierOne) {
    const auto parsed = parse(dollar(R"("binance: 1 / USDCUSDT * USDC-USD", "coingecko: tether/usd")"));
    ASSERT_TRUE(parsed.map) << to_string(parsed.problems.front());
    const auto& map = *parsed.map;
    const auto& usdt = map.reference_rates.at(1);
    EXPECT_EQ(usdt.direction.text(), "USDT-USD");
    EXPECT_EQ(usdt.sources.at(0).legs.at(0).max_age, 5s);
    EXPECT_EQ(usdt.sources.at(0).references.at(0).rate, ReferenceRateId{0});
    EXPECT_EQ(usdt.sources.at(1).legs.at(0).max_age, 180s) << "not the longer limit of fiat_legs";
    EXPECT_EQ(map.reference_rates.at(2).sources.at(0).legs.at(0).max_age, 15min);
    const auto& btc_rub = map.routes.front();
    EXPECT_EQ(btc_rub.legs.size(), 1U);
    EXPECT_EQ(btc_rub.references.size(), 2U);
    EXPECT_EQ(map.possible_legs(btc_rub).size(), 7U);
}

TEST(MarketDocument, AReferenceRateUsesNoLaterOneAndNotOnlyOthers) {
    EXPECT_TRUE(parse(dollar(R"("coingecko: USDC-USD")")).mentions("needs a symbol of the venue"));
    EXPECT_TRUE(parse(dollar(R"("binance: 1 / USDCUSDT * USD-RUB")")).mentions("USD-RUB"));
    EXPECT_TRUE(parse(dollar(R"("binance: USDCUSDT * USDC-USD")")).mentions("is a leg inverted?"));
}

TEST(MarketDocument, ARateIsNamedOnceInBothSections) {
    auto document = dollar(R"("coingecko: tether/usd")");
    document.replace(document.find("\"USD-RUB\": ["), 9, "\"USDT-USD\"");
    EXPECT_TRUE(parse(document).mentions("is named twice"));
}

TEST(MarketDocument, AnAllowanceIsAPercentageOrNone) {
    const auto allowance = [](const std::string& text) {
        return parse(
            with(R"({"direction": "BTC-RUB",)", R"({"direction": "BTC-RUB", "allowance": ")" + text + "\","));
    };
    EXPECT_EQ(parse(testing::small_document).map->allowances.front(), 5'000U);
    EXPECT_EQ(allowance("0.3%").map->allowances.front(), 3'000U);
    EXPECT_EQ(allowance("50%").map->allowances.front(), 500'000U);
    EXPECT_EQ(allowance("none").map->allowances.front(), std::nullopt);
    for (const auto* const wrong : {"0.3", "0%", "0.009%", "50.1%", "0.00001%", "-1%", "much"})
        EXPECT_TRUE(allowance(wrong).mentions("must be from 0.01% to 50%")) << wrong;
}

TEST(MarketDocument, TheConsensusQuotesWhatTwoExchangersHave) {
    std::string document = with(R"(["binance", "coingecko"])", R"(["binance", "coingecko", "consensus"])");
    const std::string last = R"(  "directions": [)";
    document.replace(document.find(last), last.size(),
                     last + R"({"direction": "SOL-USD", "coingecko": "solana/usd"},)");
    const auto [map, problems] = parse(document);
    ASSERT_TRUE(map) << (problems.empty() ? "" : to_string(problems.front()));
    EXPECT_EQ(map->title(map->consensus.value()).ru, "Консенсус");
    EXPECT_EQ(map->exchangers.back(), map->consensus);
    EXPECT_EQ(std::ranges::count(map->routes, *map->consensus, &Route::venue), 8);
    EXPECT_FALSE(
        map->find_route(*map->consensus, map->find_direction(Direction::parse("SOL-USD").value()).value()));
}

TEST(MarketDocument, TheConsensusHasNoRouteOfItsOwnAndNeedsTwoOthers) {
    EXPECT_TRUE(parse(with(R"(["binance", "coingecko"])", R"(["binance", "consensus"])"))
                    .mentions("needs a direction with routes of two others"));
    std::string document = with(R"(["binance", "coingecko"])", R"(["binance", "coingecko", "consensus"])");
    const std::string route = R"("coingecko": "bitcoin/usd")";
    document.replace(document.find(route), route.size(), route + R"(, "consensus": "BTCUSDT")");
    EXPECT_TRUE(parse(document).mentions("must be omitted"));
}

TEST(MarketDocument, PlacesOfAnAssetAreListedOrEight) {
    const auto places = [](const std::string& listed) {
        return parse(with("  \"directions\": [", "  \"places\": {" + listed + "},\n  \"directions\": ["));
    };
    EXPECT_EQ(parse(testing::small_document).map->places_of("RUB"), 8) << "a map of an earlier version";
    const auto map = places(R"("RUB": 2, "USD": 0, "ETH": 18)").map.value();
    EXPECT_EQ(map.places_of("RUB"), 2);
    EXPECT_EQ(map.places_of("USD"), 0);
    EXPECT_EQ(map.places_of("ETH"), 18);
    EXPECT_EQ(map.places_of("BTC"), 8);
    for (const auto* const wrong : {"19", "-1", "2.0", "\"2\"", "null", "4294967298", "18446744073709551618"})
        EXPECT_TRUE(places("\"RUB\": " + std::string(wrong)).mentions("must be a whole number from 0 to 18"))
            << wrong;
    for (const auto* const unknown : {"DOGE", "rub", "USDT", ""})
        EXPECT_TRUE(
            places("\"" + std::string(unknown) + "\": 2").mentions("the base or quote of a direction"))
            << unknown;
    EXPECT_TRUE(places(R"("RUB": 2, "RUB": 3)").mentions("appears twice"));
}

TEST(MarketDocument, SameAsMustNameTheLastAssetOfAChain) {
    EXPECT_TRUE(parse(with("\"USDC\": \"USD\"", "\"USDC\": \"USD\", \"USDD\": \"USDTTRC\""))
                    .mentions("last asset of a chain"));
}

}  // namespace
}  // namespace kurs
