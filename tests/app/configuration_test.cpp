#include "kurs/app/configuration.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kurs {
namespace {

/// The only problem with such a setting, or an empty text.
std::string problem_with(const std::string& name, const std::string& value) {
    std::vector<Problem> problems;
    load_configuration({{name, value}}, problems);
    EXPECT_LE(problems.size(), 1U) << value;
    return problems.empty() ? "" : to_string(problems.front());
}

TEST(Configuration, RefusesAWrongRedisUrlBeforeAnythingConnects) {
    for (const auto& [url, trouble] : std::vector<std::pair<std::string, std::string>>{
             {"redis://localhost/abc", "has a database that is not a number"},
             {"redis://localhost:99999", "has a port that is not in 1 to 65535"},
             {"redis://user@localhost", "has a user without a password"},
             {"redis://localhost?db=1", "has a query or a fragment"},
             {"redis://:secret#@localhost", "has a query or a fragment"},
             {"redis://:secret word@localhost", "is not like redis://"},
         }) {
        const auto problem = problem_with("REDIS_URL", url);
        EXPECT_NE(problem.find(trouble), std::string::npos) << url << ": " << problem;
        EXPECT_EQ(problem.find("secret"), std::string::npos) << problem;
    }
    for (const auto* url : {"redis://localhost", "redis://:p%40ss@[::1]:6379/1", "redis://u:p@h/"})
        EXPECT_EQ(problem_with("REDIS_URL", url), "") << url;
}

TEST(Configuration, WhoLocksAQuoteHasAKeyAndAFileOfSigningKeysIsNotShown) {
    const auto file = testing::TempDir() + "quotes.pem";
    std::ofstream(file) << "-----BEGIN PRIVATE KEY-----\n"
                           "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                           "-----END PRIVATE KEY-----\n";
    EXPECT_NE(problem_with("QUOTE_KEYS_FILE", file).find("requires API_KEYS_FILE"), std::string::npos);
    std::vector<Problem> problems;
    std::ofstream(file) << "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v";
    load_configuration({{"QUOTE_KEYS_FILE", file}}, problems);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_NE(to_string(problems[1]).find("must be one or two Ed25519 private keys"), std::string::npos);
    EXPECT_EQ(to_string(problems[1]).find("MC4C"), std::string::npos);
    std::filesystem::remove(file);
}

TEST(Configuration, RefusesAWrongDatabaseUrlBeforeAnythingConnects) {
    for (const auto& [url, trouble] : std::vector<std::pair<std::string, std::string>>{
             {"postgresql://h/d?sslmod=require", "sslmod"},
             {"postgresql://u:secret@h/d?sslmod=require", "sslmod"},
             {"postgresql://u:secret@h/d?sslmode=requir", "invalid sslmode value: requir"},
             {"postgresql://u:secret@h:abc/d", "invalid integer value abc for connection option port"},
             {"postgresql://u:secret@a:5432,b:70000/d", "invalid port number: 70000"},
             {"postgresql://h/d?connect_timeout=5s", "connect_timeout must be a number"},
             {"postgresql://h/d?target_session_attrs=primry", "invalid target_session_attrs value: primry"},
             {"postgresql://u:secret%zz@h/d", "invalid percent-encoded token"},
             {"postgresql://u:secret@[::1/d", "matching"},
             {"postgresql://u:secret/more@h/d", "invalid integer value (hidden)"},
             {"postgresql://u:x/secret?secret=secret@h/d", "invalid URI query parameter: (hidden)"},
             {"postgresql://u:\"secret@[h/d", "with %22 for a quote"},
         }) {
        const auto problem = problem_with("DATABASE_URL", url);
        EXPECT_TRUE(problem.starts_with("DATABASE_URL is '(hidden)': ")) << url << ": " << problem;
        EXPECT_NE(problem.find(trouble), std::string::npos) << url << ": " << problem;
        EXPECT_EQ(problem.find("secret"), std::string::npos) << problem;
    }
}

TEST(Configuration, AcceptsEveryDatabaseUrlThatLibpqAccepts) {
    for (const auto* url :
         {"postgresql://h/d", "postgres://u:p@h:5432/d?sslmode=verify-full&connect_timeout=5",
          "postgresql:///d", "postgresql://u:p%40ss%2F@[::1]:5433/d",
          "postgresql://a:1,b:2,c/d?target_session_attrs=read-write",
          "postgresql://a,b/d?hostaddr=192.0.2.1,192.0.2.2", "postgresql:///d?host=/var/run/postgresql"})
        EXPECT_EQ(problem_with("DATABASE_URL", url), "") << url;
}

TEST(Configuration, EveryExchangerOfTheBuiltInMapServesTheEightDirections) {
    std::vector<Problem> problems;
    const auto configuration = load_configuration({}, problems);
    ASSERT_TRUE(configuration) << to_string(problems.at(0));
    const auto& map = configuration->market;
    std::vector<std::string> directions;
    for (const auto& direction : map.directions) directions.push_back(direction.text());
    EXPECT_EQ(directions, (std::vector<std::string>{"BTC-RUB", "BTC-USD", "ETH-RUB", "ETH-USD", "USDTTRC-RUB",
                                                    "USDTTRC-USD", "USDTERC-RUB", "USDTERC-USD"}));
    EXPECT_EQ(map.routes.size(), 8 * map.exchangers.size());
    EXPECT_EQ(map.name(map.exchangers.at(0)), "binance");
}

TEST(Configuration, UsesTheVenuesThatAreNamedAndSaysWhatIsLostWithoutTheOthers) {
    std::vector<Problem> problems;
    const auto configuration = load_configuration({{"VENUES", "binance, kraken, cbr"}}, problems);
    ASSERT_TRUE(configuration);
    EXPECT_EQ(configuration->market.venues,
              (std::vector<std::string>{"binance", "cbr", "kraken", "consensus"}));
    EXPECT_EQ(configuration->market.directions.size(), 8U);
    EXPECT_TRUE(configuration->remarks.empty());
    const auto dollars = load_configuration({{"VENUES", "binance, kraken"}}, problems);
    ASSERT_TRUE(dollars);
    EXPECT_EQ(dollars->market.directions.size(), 4U);
    const auto& remark = dollars->remarks.back();
    EXPECT_TRUE(remark.starts_with("VENUES leaves out coingecko, cbr")) << remark;
    EXPECT_TRUE(remark.ends_with(": directions not served: BTC-RUB, ETH-RUB, USDTTRC-RUB, USDTERC-RUB"))
        << remark;
    EXPECT_NE(problem_with("VENUES", "binence").find("venues of the market map: binance, coingecko, cbr"),
              std::string::npos);
    EXPECT_NE(problem_with("VENUES", "binance").find("and a source of USDC-USD, USDT-USD"),
              std::string::npos);
}

TEST(Configuration, ReportsTheProblemsOfAllKindsAtOnce) {
    std::vector<Problem> problems;
    load_configuration({{"HTTP_PORT", "x"},
                        {"REDIS_URL", "redis://h/abc"},
                        {"DATABASE_URL", "postgresql://h/d?sslmod=require"},
                        {"COINGECKO_PLAN", "gold"},
                        {"TRUSTED_CA_FILE", "/none"},
                        {"MARKETS_FILE", "/none"}},
                       problems);
    EXPECT_EQ(problems.size(), 6U);
}

}  // namespace
}  // namespace kurs
