#include <gtest/gtest.h>

#include "kurs/config/market_document.hpp"
#include "kurs/domain/duration_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view street = R"json({
  "venues": {
    "binance": {},
    "street": {
      "source": {"url": "https://rates.example/api?pair=usdt", "format": "json", "every": "10s", "max_age": "1m",
                 "title": "Street", "proxy": "socks5h://127.0.0.1:1080"},
      "symbols": {"USDT/CASHRUB": {"bid": "/buy", "ask": "/sell", "time": "/at", "min": "50", "max": "200"}}
    }
  },
  "exchangers": ["binance", "street"],
  "reference_rates": {"USDT-CASHRUB": ["street: USDT/CASHRUB"]},
  "directions": [
    {"direction": "USDT-CASHRUB", "street": "USDT/CASHRUB"},
    {"direction": "BTC-CASHRUB", "binance": "BTCUSDT * USDT-CASHRUB"}
  ]
})json";

struct Parsed {
    std::vector<DeclaredSource> sources;
    std::optional<MarketMap> map;
    std::vector<std::string> problems;
};

Parsed parse(std::string_view document) {
    Venue binance;
    binance.id = "binance";
    std::vector<Problem> problems;
    Parsed parsed;
    parsed.sources = parse_declared_sources(document, {binance}, problems);
    VenueRule rule;
    rule.name = "binance";
    rule.max_age = 5s;
    rule.spelling = joined_codes("BTCUSDT");
    std::vector<VenueRule> rules{rule};
    for (const auto& source : parsed.sources) rules.push_back(venue_rule(source));
    parsed.map = parse_market_document(document, rules, problems);
    for (const auto& problem : problems) parsed.problems.push_back(to_string(problem));
    return parsed;
}

std::string with(std::string_view old_text, std::string_view new_text) {
    std::string document(street);
    const auto at = document.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    return document.replace(at, old_text.size(), new_text);
}

/// The only problem of a document.
std::string problem_of(std::string_view old_text, std::string_view new_text) {
    const auto parsed = parse(with(old_text, new_text));
    EXPECT_EQ(parsed.problems.size(), 1U) << (parsed.problems.size() > 1 ? parsed.problems.at(1) : "");
    return parsed.problems.empty() ? "" : parsed.problems.front();
}

TEST(DeclaredSources, AreVenuesLikeOthers) {
    const auto parsed = parse(street);
    ASSERT_TRUE(parsed.map) << parsed.problems.front();
    const auto& source = parsed.sources.at(0);
    EXPECT_EQ(source.endpoint.host, "rates.example");
    EXPECT_EQ(source.endpoint.path, "/api");
    EXPECT_EQ(source.query, "?pair=usdt");
    EXPECT_EQ(source.every, 10s);
    EXPECT_EQ(source.proxy->port, 1080);
    const auto symbol = parsed.map->symbol(*parsed.map->find_symbol("street", "USDT/CASHRUB"));
    EXPECT_TRUE(symbol.is_declared);
    EXPECT_EQ(symbol.quote, "CASHRUB");
    EXPECT_EQ(symbol.limits.max_age, 1min);
    EXPECT_FALSE(parsed.map->symbol(*parsed.map->find_symbol("binance", "BTCUSDT")).is_declared);
    EXPECT_EQ(parsed.map->title(*parsed.map->find_venue("street")).ru, "Street");
}

TEST(DeclaredSources, ARouteWithALegThatIsInvertedIsFound) {
    const auto inverted = R"("street": "1 / USDT/CASHRUB"})";
    EXPECT_NE(problem_of(R"("street": "USDT/CASHRUB"})", inverted).find("wrong price"), std::string::npos);
}

TEST(DeclaredSources, NeedWhatTellsAnOldPriceFromANewOne) {
    EXPECT_NE(problem_of(R"("time": "/at", )", "").find("changes_within"), std::string::npos);
    EXPECT_TRUE(parse(with(R"("time": "/at", )", "")
                          .replace(street.find("\"title\""), 0, R"("changes_within": "1h", )"))
                    .map);
}

TEST(DeclaredSources, NeedBoundsBecauseNobodyElseWitnessesThem) {
    EXPECT_NE(problem_of(R"(, "min": "50")", "").find("nobody else"), std::string::npos);
    EXPECT_NE(problem_of(R"(, "max": "200")", "").find("nobody else"), std::string::npos);
}

TEST(DeclaredSources, ErrorsAreNamed) {
    EXPECT_NE(problem_of("https://rates", "ftp://rates").find("url"), std::string::npos);
    EXPECT_NE(problem_of(R"("format": "json")", R"("format": "csv")").find("json or rates-xml"),
              std::string::npos);
    EXPECT_NE(problem_of(R"("every": "10s")", R"("every": "100ms")").find("from 1s to 1h"),
              std::string::npos);
    EXPECT_NE(problem_of(R"("max_age": "1m")", R"("max_age": "15s")").find("twice"), std::string::npos);
    EXPECT_NE(problem_of(R"("bid": "/buy")", R"("bid": "buy")").find("JSON pointer"), std::string::npos);
    EXPECT_NE(problem_of(R"("title")", R"("titel")").find("known keys"), std::string::npos);
    EXPECT_NE(problem_of("socks5h://127.0.0.1:1080", "socks5h://user:secret@host").find("(hidden)"),
              std::string::npos);
}

TEST(DeclaredSources, AVenueThatKursHasCannotBeDeclared) {
    const auto parsed = parse(with(R"("binance": {})", R"("binance": {"source": {}})"));
    ASSERT_FALSE(parsed.problems.empty());
    EXPECT_NE(parsed.problems.front().find("cannot be declared"), std::string::npos);
}

TEST(DeclaredSources, ANameThatMeansSomethingElseCannotBeDeclared) {
    for (const auto* const name : {"direction", "allowance", "consensus", "Street", "s"}) {
        const auto parsed = parse(with(R"("street": {)", "\"" + std::string(name) + "\": {"));
        ASSERT_FALSE(parsed.problems.empty()) << name;
        EXPECT_NE(parsed.problems.front().find("small letters"), std::string::npos) << name;
    }
}

TEST(DeclaredSources, AReferenceRateDoesNotMixThemWithOthers) {
    EXPECT_NE(problem_of(R"(["street: USDT/CASHRUB"])", R"(["street: USDT/CASHRUB", "binance: USDTCASHRUB"])")
                  .find("mixes"),
              std::string::npos);
}

TEST(DeclaredSources, ADirectionDoesNotMixThemWithOthers) {
    EXPECT_NE(
        problem_of(R"("street": "USDT/CASHRUB"})", R"("street": "USDT/CASHRUB", "binance": "USDTCASHRUB"})")
            .find("mixes"),
        std::string::npos);
}

}  // namespace
}  // namespace kurs
