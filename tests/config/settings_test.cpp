#include "kurs/config/settings.hpp"

#include <gtest/gtest.h>

#include "config/two_venues.hpp"
#include "kurs/domain/duration_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;
using testing::two_venues;

Settings load(const Environment& environment, std::vector<Problem>& problems) {
    return load_settings(two_venues(), environment, problems);
}

TEST(Problem, IsOneLineWhateverTheDocumentHolds) {
    EXPECT_EQ(to_string(Problem{"key 'a\nb'", "\x1b[31m\x7f", "is unknown"}),
              "key 'a?b' is '?[31m?': is unknown");
}

TEST(Settings, HaveDefaultsForEverything) {
    std::vector<Problem> problems;
    const auto settings = load({}, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(settings.http_port, 8080);
    EXPECT_EQ(settings.values.duration("BINANCE_MAX_AGE"), 5s);
    const auto hosts = settings.values.endpoints("BINANCE_STREAM_URLS");
    ASSERT_EQ(hosts.size(), 2U);
    EXPECT_EQ(hosts[0].host_header(), "one.example:9443");
    EXPECT_EQ(hosts[1].host_header(), "two.example");
    EXPECT_EQ(settings.values.endpoint("COINGECKO_STREAM_URL").path, "/v1");
    EXPECT_EQ(settings.values.text("COINGECKO_REST_URL"), "");
}

TEST(Settings, ReportAllProblemsAtOnce) {
    std::vector<Problem> problems;
    load({{"HTTP_PORT", "70000"},
          {"LOG_LEVEL", "loud"},
          {"BINANCE_MAX_AGE", "5"},
          {"BINANCE_REST_URL", "ftp://x"},
          {"BINANCE_STREAM_URLS", "wss://a,,wss://b"},
          {"COINGECKO_API_KEY", "a b"},
          {"CORS_ALLOW_ORIGIN", "example"}},
         problems);
    std::vector<std::string> names;
    for (const auto& problem : problems) names.push_back(problem.where);
    EXPECT_EQ(names,
              (std::vector<std::string>{"HTTP_PORT", "CORS_ALLOW_ORIGIN", "LOG_LEVEL", "BINANCE_STREAM_URLS",
                                        "BINANCE_REST_URL", "BINANCE_MAX_AGE", "COINGECKO_API_KEY"}));
    EXPECT_EQ(to_string(problems[2]),
              "LOG_LEVEL is 'loud': must be one of critical, error, warning, info, debug");
}

TEST(Settings, TheDelayOfTheBoardIsAMultipleOfItsSlot) {
    std::vector<Problem> problems;
    const auto settings = load({{"BOARD_SLOT", "25ms"}, {"BOARD_DELAY", "75ms"}}, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(settings.board_slot, 25ms);
    EXPECT_EQ(settings.board_delay, 75ms);
    load({{"BOARD_SLOT", "20ms"}, {"BOARD_DELAY", "30ms"}}, problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(to_string(problems[0]),
              "BOARD_DELAY is '30ms': must be a multiple of BOARD_SLOT, which is 20ms");
}

TEST(Settings, TheSlotOfTheBoardHasBounds) {
    std::vector<Problem> problems;
    load({{"BOARD_SLOT", "4ms"}, {"BOARD_DELAY", "15ms"}}, problems);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].where, "BOARD_SLOT");
    load({{"BOARD_DELAY", "2s"}}, problems);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[1].where, "BOARD_DELAY");
}

TEST(Settings, NeverShowASecret) {
    std::vector<Problem> problems;
    load({{"COINGECKO_API_KEY", "se cret"}}, problems);
    EXPECT_EQ(problems.at(0).value, "(hidden)");
    for (const auto& setting : describe_settings(two_venues(), {{"COINGECKO_API_KEY", "secret"}}))
        EXPECT_NE(setting.value, "secret");
}

TEST(Settings, HaveTheDefaultInPlaceOfARefusedValue) {
    std::vector<Problem> problems;
    const auto values = load({{"BINANCE_MAX_AGE", "soon"}}, problems).values;
    EXPECT_EQ(values.duration("BINANCE_MAX_AGE"), 5s);
    EXPECT_TRUE(values.is_refused("BINANCE_MAX_AGE"));
    EXPECT_FALSE(values.is_refused("BINANCE_REST_URL"));
    EXPECT_THROW(values.duration("BINANCE_REST_URL"), std::logic_error);
    EXPECT_THROW(values.text("BINANCE_RST_URL"), std::logic_error);
}

TEST(Settings, OfTheVenuesAreTheSimulatorsIfItHasAHost) {
    std::vector<Problem> problems;
    const Environment environment{{"SIMULATOR_HOST", "sim.example"},
                                  {"BINANCE_REST_URL", "https://binance.example"},
                                  {"BINANCE_MAX_AGE", "7s"},
                                  {"COINGECKO_API_KEY", "secret"}};
    const auto values = load(environment, problems).values;
    EXPECT_EQ(values.text("BINANCE_REST_URL"), "http://sim.example:9103");
    EXPECT_EQ(values.text("COINGECKO_API_KEY"), "");
    EXPECT_EQ(values.duration("BINANCE_MAX_AGE"), 7s);
    EXPECT_TRUE(problems.empty());
    load({{"SIMULATOR_HOST", "http://sim.example"}}, problems);
    EXPECT_EQ(problems.size(), 1U);
}

TEST(Settings, RefuseUrlsWithACredentialOrWithoutAHost) {
    for (const auto* url : {"https://user@cbr.ru/", "https://cbr.ru/?key=1", "https://", "cbr.ru",
                            "https://cbr.ru:0", "ws://cbr.ru"}) {
        std::vector<Problem> problems;
        load({{"BINANCE_REST_URL", url}}, problems);
        EXPECT_EQ(problems.size(), 1U) << url;
    }
}

TEST(Settings, RefuseInvalidAddressesPortsAndOrigins) {
    for (const auto& [name, value] :
         {std::pair("HTTP_ADDRESS", "localhost"), std::pair("BINANCE_REST_URL", "http://x:99999"),
          std::pair("CORS_ALLOW_ORIGIN", "https://a.b/path")}) {
        std::vector<Problem> problems;
        load({{name, value}}, problems);
        EXPECT_EQ(problems.size(), 1U) << name;
    }
    std::vector<Problem> problems;
    EXPECT_EQ(load({{"BINANCE_STREAM_URLS", "wss://a, wss://b"}}, problems)
                  .values.endpoints("BINANCE_STREAM_URLS")
                  .size(),
              2U);
}

TEST(Settings, AcceptTheSchemeOfAUrlInAnyCase) {
    std::vector<Problem> problems;
    const auto settings = load({{"BINANCE_STREAM_URLS", "WSS://a,Ws://b"},
                                {"BINANCE_REST_URL", "HTTPS://cbr.example/X"},
                                {"REDIS_URL", "Redis://h"},
                                {"DATABASE_URL", "PostgreSQL://h/D"}},
                               problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_TRUE(settings.values.endpoints("BINANCE_STREAM_URLS").at(0).tls);
    EXPECT_FALSE(settings.values.endpoints("BINANCE_STREAM_URLS").at(1).tls);
    EXPECT_EQ(settings.values.endpoint("BINANCE_REST_URL").path, "/X");
    EXPECT_EQ(settings.redis_url, "redis://h");
    EXPECT_EQ(settings.database_url, "postgresql://h/D");
}

TEST(Settings, KeepTheDotOfAFullyQualifiedNameForTheResolverOnly) {
    std::vector<Problem> problems;
    const auto settings = load({{"BINANCE_STREAM_URLS", "wss://stream.example.:9443"},
                                {"BINANCE_REST_URL", "https://cbr.example./x"}},
                               problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(settings.values.endpoints("BINANCE_STREAM_URLS").at(0).host, "stream.example.");
    EXPECT_EQ(settings.values.endpoints("BINANCE_STREAM_URLS").at(0).server_name(), "stream.example");
    EXPECT_EQ(settings.values.endpoints("BINANCE_STREAM_URLS").at(0).host_header(), "stream.example:9443");
    EXPECT_EQ(settings.values.endpoint("BINANCE_REST_URL").host_header(), "cbr.example");
    load({{"BINANCE_REST_URL", "https://./x"}}, problems);
    EXPECT_EQ(problems.size(), 1U);
}

TEST(Settings, AcceptAnOriginOnlyInTheSpellingOfBrowsers) {
    const auto rule_of = [](std::string_view origin) {
        std::vector<Problem> problems;
        load({{"CORS_ALLOW_ORIGIN", std::string(origin)}}, problems);
        return problems.empty() ? std::string() : problems.front().rule;
    };
    for (const auto* origin : {"*", "https://x.com", "http://localhost:3000", "https://x.com:80",
                               "http://x.com:443", "http://[::1]:8080", "https://xn--e1afmkfd.xn--p1ai"})
        EXPECT_EQ(rule_of(origin), "") << origin;
    for (const auto& [origin, right] :
         {std::pair("https://x.com:443", "https://x.com"), std::pair("http://x.com:80", "http://x.com"),
          std::pair("https://X.COM", "https://x.com"), std::pair("HTTPS://x.com", "https://x.com"),
          std::pair("https://x.com/", "https://x.com"), std::pair("https://X.com:443/", "https://x.com"),
          std::pair("https://x.com:08443", "https://x.com:8443"),
          std::pair("https://%78.com", "https://x.com"), std::pair("http://[::A]:80", "http://[::a]")})
        EXPECT_EQ(rule_of(origin), std::string("must be spelled as browsers do: ") + right) << origin;
    for (const auto* origin :
         {"x.com", "null", "https://x.com/path", "https://x.com,https://y.com", "https://x.com *",
          "https://user@x.com", "https://x.com?a", "wss://x.com", "https://*.x.com", "https://x.com,y.com",
          "https://k\xc3\xb6ln.example", "https://x.com:99999", "https://"})
        EXPECT_NE(rule_of(origin).find("one origin in ASCII"), std::string::npos) << origin;
}

TEST(Duration, RequiresAUnit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("12d"), 12 * 24h);
    for (const auto* text : {"", "5", "s", "5 s", "-5s", "5.5s", "5sec", "99999999999s"})
        EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_EQ(to_string(Duration(90s)), "90s");
    EXPECT_EQ(to_string(Duration(120s)), "2m");
    EXPECT_EQ(to_string(Duration(0s)), "0s");
}

}  // namespace
}  // namespace kurs
