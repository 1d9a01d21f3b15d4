#include "kurs/config/settings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "kurs/config/duration_text.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

TEST(Settings, HaveDefaultsForEverything) {
    std::vector<Problem> problems;
    const auto settings = load_settings({}, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(settings.http_port, 8080);
    EXPECT_EQ(settings.binance_max_age, 5s);
    ASSERT_EQ(settings.binance_stream.size(), 2U);
    EXPECT_EQ(settings.binance_stream[0].host_header(), "stream.binance.com:9443");
    EXPECT_EQ(settings.binance_stream[1].host_header(), "data-stream.binance.vision");
    EXPECT_EQ(settings.coingecko_stream.path, "/v1");
    EXPECT_FALSE(settings.coingecko_rest);
}

TEST(Settings, ReportAllProblemsAtOnce) {
    std::vector<Problem> problems;
    load_settings({{"HTTP_PORT", "70000"},
                   {"LOG_LEVEL", "loud"},
                   {"BINANCE_MAX_AGE", "5"},
                   {"CBR_URL", "ftp://x"},
                   {"BINANCE_STREAM_URLS", "wss://a,,wss://b"},
                   {"COINGECKO_API_KEY", "a b"},
                   {"CORS_ALLOW_ORIGIN", "example"}},
                  problems);
    std::vector<std::string> names;
    for (const auto& problem : problems) names.push_back(problem.where);
    EXPECT_EQ(names,
              (std::vector<std::string>{"HTTP_PORT", "CORS_ALLOW_ORIGIN", "LOG_LEVEL", "BINANCE_STREAM_URLS",
                                        "BINANCE_MAX_AGE", "COINGECKO_API_KEY", "CBR_URL"}));
    EXPECT_EQ(to_string(problems[2]),
              "LOG_LEVEL is 'loud': must be one of critical, error, warning, info, debug");
}

TEST(Settings, NeverShowASecret) {
    std::vector<Problem> problems;
    load_settings({{"COINGECKO_API_KEY", "se cret"}}, problems);
    EXPECT_EQ(problems.at(0).value, "(hidden)");
    for (const auto& setting : describe_settings({{"COINGECKO_API_KEY", "secret"}}))
        EXPECT_NE(setting.value, "secret");
}

TEST(Settings, RefuseUrlsWithACredentialOrWithoutAHost) {
    for (const auto* url : {"https://user@cbr.ru/", "https://cbr.ru/?key=1", "https://", "cbr.ru",
                            "https://cbr.ru:0", "ws://cbr.ru"}) {
        std::vector<Problem> problems;
        load_settings({{"CBR_URL", url}}, problems);
        EXPECT_EQ(problems.size(), 1U) << url;
    }
}

TEST(Settings, RefuseInvalidAddressesPortsAndOrigins) {
    for (const auto& [name, value] :
         {std::pair("HTTP_ADDRESS", "localhost"), std::pair("BINANCE_REST_URL", "http://x:99999"),
          std::pair("CORS_ALLOW_ORIGIN", "https://a.b/path")}) {
        std::vector<Problem> problems;
        load_settings({{name, value}}, problems);
        EXPECT_EQ(problems.size(), 1U) << name;
    }
    std::vector<Problem> problems;
    EXPECT_EQ(load_settings({{"BINANCE_STREAM_URLS", "wss://a, wss://b"}}, problems).binance_stream.size(),
              2U);
}

TEST(Settings, AcceptTheSchemeOfAUrlInAnyCase) {
    std::vector<Problem> problems;
    const auto settings = load_settings({{"BINANCE_STREAM_URLS", "WSS://a,Ws://b"},
                                         {"CBR_URL", "HTTPS://cbr.example/X"},
                                         {"REDIS_URL", "Redis://h"},
                                         {"DATABASE_URL", "PostgreSQL://h/D"}},
                                        problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_TRUE(settings.binance_stream.at(0).tls);
    EXPECT_FALSE(settings.binance_stream.at(1).tls);
    EXPECT_EQ(settings.cbr.path, "/X");
    EXPECT_EQ(settings.redis_url, "redis://h");
    EXPECT_EQ(settings.database_url, "postgresql://h/D");
}

TEST(Settings, KeepTheDotOfAFullyQualifiedNameForTheResolverOnly) {
    std::vector<Problem> problems;
    const auto settings = load_settings(
        {{"BINANCE_STREAM_URLS", "wss://stream.example.:9443"}, {"CBR_URL", "https://cbr.example./x"}},
        problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(settings.binance_stream.at(0).host, "stream.example.");
    EXPECT_EQ(settings.binance_stream.at(0).server_name(), "stream.example");
    EXPECT_EQ(settings.binance_stream.at(0).host_header(), "stream.example:9443");
    EXPECT_EQ(settings.cbr.host_header(), "cbr.example");
    load_settings({{"CBR_URL", "https://./x"}}, problems);
    EXPECT_EQ(problems.size(), 1U);
}

TEST(Settings, AcceptAnOriginOnlyInTheSpellingOfBrowsers) {
    const auto rule_of = [](std::string_view origin) {
        std::vector<Problem> problems;
        load_settings({{"CORS_ALLOW_ORIGIN", std::string(origin)}}, problems);
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

TEST(Settings, EnvDistListsExactlyTheKeysWithTheirDefaults) {
    std::ifstream file(KURS_ENV_DIST);
    std::stringstream text;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#") && line.find('=') != std::string::npos) line.erase(0, 1);
        text << line << '\n';
    }
    std::vector<Problem> problems;
    const auto listed = parse_env_file(text.str(), {}, problems);
    std::vector<std::string> names, known;
    for (const auto& [name, value] : listed) names.push_back(name);
    for (const auto& setting : describe_settings({})) {
        known.push_back(setting.name);
        EXPECT_EQ(listed.at(setting.name), setting.value) << setting.name;
    }
    std::ranges::sort(known);
    EXPECT_EQ(names, known);
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
