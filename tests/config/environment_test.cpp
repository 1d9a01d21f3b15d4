#include "kurs/config/environment.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "config/two_venues.hpp"

namespace kurs {
namespace {

/// The value of KEY in the text of a file, or the problem.
std::string value_of_key(const std::string& text) {
    std::vector<Problem> problems;
    const auto environment = parse_env_file(text, {{"HOST", "db.example"}, {"EMPTY", ""}}, problems);
    if (!problems.empty()) return to_string(problems.front());
    return environment.at("KEY");
}

TEST(EnvFile, ReadsNamesValuesQuotesAndComments) {
    std::vector<Problem> problems;
    const auto environment = parse_env_file(
        "# a comment\n\nHTTP_PORT=9000\r\n  export LOG_LEVEL = debug # loud\nKEY=\"a # b\"\nEMPTY=\nQ='x'\n",
        {}, problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(
        environment,
        (Environment{
            {"HTTP_PORT", "9000"}, {"LOG_LEVEL", "debug"}, {"KEY", "a # b"}, {"EMPTY", ""}, {"Q", "x"}}));
}

TEST(EnvFile, NamesTheLinesItCannotRead) {
    std::vector<Problem> problems;
    parse_env_file("A=1\nnonsense\n=5\nB=2", {}, problems);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(to_string(problems[0]), ".env line 2: must be NAME=value, a comment or empty");
    EXPECT_EQ(problems[1].where, ".env line 3");
}

TEST(EnvFile, ReadsValuesAsDockerComposeDoes) {
    for (const auto& [text, value] : std::vector<std::pair<std::string, std::string>>{
             {"\xEF\xBB\xBFKEY=value", "value"},
             {"\xEF\xBB\xBF# comment\nKEY=value", "value"},
             {"KEY=value\r\n", "value"},
             {"KEY=", ""},
             {"KEY=value # comment", "value"},
             {"KEY=value#no comment", "value#no comment"},
             {"KEY=#value", "#value"},
             {"KEY=\"value\" # comment", "value"},
             {"KEY='value'#comment", "value"},
             {"KEY=two words", "two words"},
             {R"(KEY=it's "said")", R"(it's "said")"},
             {R"(KEY=back\slash\n)", R"(back\slash\n)"},
             {R"(KEY="a\"b")", R"(a"b)"},
             {R"(KEY="a\\")", R"(a\)"},
             {R"(KEY="a\tb\nc\d")", "a\tb\nc\\d"},
             {R"(KEY='a\'b')", "a'b"},
             {R"(KEY='a\\b\n')", R"(a\\b\n)"},
             {"KEY='first\nsecond # no comment'\nB=1", "first\nsecond # no comment"},
             {"export\tKEY = value", "value"},
             {"KEY=1\nKEY=2", "2"},
             {"KEY=p$$w", "p$w"},
             {"KEY=cost 5$ or $5", "cost 5$ or $5"},
             {R"(KEY="p\$HOST")", "p$HOST"},
             {"KEY='p$HOST'", "p$HOST"},
             {"KEY=http://$HOST:1", "http://db.example:1"},
             {"A=1\nKEY=\"${A}2${EMPTY}\"", "12"},
         }) {
        EXPECT_EQ(value_of_key(text), value) << text;
    }
}

TEST(EnvFile, RefusesTextThatCouldTruncateAPasswordWithoutShowingIt) {
    for (const auto& [text, trouble] : std::vector<std::pair<std::string, std::string>>{
             {"KEY= # secret", "has a comment in place of a value"},
             {"KEY=sec\t# ret", "has a tab before #"},
             {"KEY=\"sec\"ret\"", "continues after the closing quote"},
             {"KEY='sec'ret", "continues after the closing quote"},
             {"KEY=\"secret", "has no closing quote"},
             {"KEY='secret\\'", "has no closing quote"},
             {"KEY=sec$ret", "has a $ before the name of a variable that is not set"},
             {"KEY=\"sec${ret}\"", "has a $ before the name of a variable that is not set"},
             {"KEY=sec${ret", "has a ${ that is not of the form ${NAME}"},
             {"KEY=${HOST:-secret}", "has a ${ that is not of the form ${NAME}"},
             {"KEY=sec\rret", "has a control character"},
         }) {
        const auto problem = value_of_key(text);
        EXPECT_TRUE(problem.starts_with(".env line 1, KEY: " + trouble)) << problem;
        EXPECT_EQ(problem.find("ret"), std::string::npos) << problem;
    }
}

TEST(EnvFile, ContinuesAfterARefusedLine) {
    std::vector<Problem> problems;
    const auto environment =
        parse_env_file("A=\"1\nB=2\n\nC='3\n4'\nD=${\nE='5' # five\nnonsense", {}, problems);
    EXPECT_EQ(environment, (Environment{{"B", "2"}, {"C", "3\n4"}, {"E", "5"}}));
    std::vector<std::string> places;
    for (const auto& problem : problems) places.push_back(problem.where);
    EXPECT_EQ(places, (std::vector<std::string>{".env line 1, A", ".env line 6, D", ".env line 8"}));
}

TEST(EnvFile, MustBeUtf8) {
    for (const auto& text : {std::string("\xFF\xFEK\0=\0", 6), std::string("\xFE\xFF\0K", 4)})
        EXPECT_EQ(value_of_key(text), ".env: is not UTF-8 text; save it as UTF-8");
}

/// The result for this process environment and file.
EnvironmentRead read_both(std::vector<std::string> process, const std::string& file) {
    const auto name = std::filesystem::path(::testing::TempDir()) / ("env-" + std::to_string(::getpid()));
    std::ofstream(name) << file;
    std::vector<char*> entries;
    for (auto& entry : process) entries.push_back(entry.data());
    entries.push_back(nullptr);
    std::vector<Problem> problems;
    auto read = read_environment(entries.data(), name, testing::known_names(), problems);
    std::filesystem::remove(name);
    EXPECT_TRUE(problems.empty());
    return read;
}

using Remarks = std::vector<std::string>;

TEST(Names, OfTheProcessOverrideTheFile) {
    const auto read = read_both({"HTTP_PORT=1", "PATH=/bin"}, "HTTP_PORT=2\nLOG_LEVEL=debug");
    EXPECT_EQ(read.values, (Environment{{"HTTP_PORT", "1"}, {"LOG_LEVEL", "debug"}, {"PATH", "/bin"}}));
    EXPECT_EQ(read.remarks, Remarks{});
}

TEST(Names, OfTheFileThatAreNotSettingsAreAllNamed) {
    EXPECT_EQ(read_both({}, "HTTP_PROT=9000\nTIMEOUT=5s\nlog_level=debug\n").remarks,
              (Remarks{".env: HTTP_PROT is not a setting; did you mean HTTP_PORT?",
                       ".env: TIMEOUT is not a setting; kurs --print-settings lists them",
                       ".env: log_level is not a setting; did you mean LOG_LEVEL?"}));
}

TEST(Names, OfTheProcessThatResembleASettingAreNamed) {
    for (const auto& [name, setting] : std::vector<std::pair<std::string, std::string>>{
             {"HTTP_PROT", "HTTP_PORT"},
             {"LOG_LEVL", "LOG_LEVEL"},
             {"LOGLEVEL", "LOG_LEVEL"},
             {"BINANCE_MAXAGE", "BINANCE_MAX_AGE"},
             {"COINGEKO_API_KEY", "COINGECKO_API_KEY"},
             {"DATABSE_ULR", "DATABASE_URL"},
             {"http_port", "HTTP_PORT"},
             {"MARKET_FILE", "MARKETS_FILE"},
         }) {
        EXPECT_EQ(read_both({name + "=1"}, "").remarks,
                  Remarks{name + " is not a setting; did you mean " + setting + "?"});
    }
    EXPECT_EQ(read_both({"COINGECKO_KEY=1"}, "").remarks,
              Remarks{"COINGECKO_KEY is not a setting; kurs --print-settings lists them"});
    EXPECT_EQ(read_both({"PATH=/", "HTTP_PROXY=http://x", "HTTP_HOST=x", "LOGNAME=x", "HOSTNAME=x", "PORT=80",
                         "POSTGRES_PASSWORD=x", "KURS_PORT=8000"},
                        "")
                  .remarks,
              Remarks{});
}

TEST(Names, OfDockerComposeAreAllowedInTheFile) {
    std::string file = "COMPOSE_FILE=x\nDOCKER_HOST=x\nBUILDKIT_PROGRESS=plain\n";
    std::ostringstream lists;
    lists << std::ifstream(KURS_STACK_ENV_DIST).rdbuf() << std::ifstream(KURS_COMPOSE_FILE).rdbuf();
    const std::string text = lists.str();
    const std::regex name(R"((?:^|\$\{)([A-Z_]+)(?=[=:}]))", std::regex::multiline);
    std::set<std::string> names;
    for (std::sregex_iterator found(text.begin(), text.end(), name), end; found != end; ++found)
        names.insert((*found)[1]);
    EXPECT_TRUE(names.contains("KURS_SUBNET") && names.contains("BUILD_JOBS"));
    for (const auto& each : names) file += each + "=\n";
    EXPECT_EQ(read_both({}, file).remarks, Remarks{});
}

TEST(ServiceLinks, AreIgnoredWithOneRemark) {
    const auto read = read_both(
        {"HTTP_PORT=tcp://10.0.0.1:80", "HTTP_SERVICE_HOST=10.0.0.1", "HTTP_PORT_80_TCP_ADDR=10.0.0.1",
         "REDIS_PORT=tcp://10.0.0.2:6379", "REDIS_SERVICE_HOST=10.0.0.2", "REDIS_SERVICE_PORT_TCP=6379",
         "REDIS_URL=redis://redis", "HTTP_ADDRESS=::"},
        "HTTP_PORT=9000\n");
    EXPECT_EQ(read.values,
              (Environment{{"HTTP_ADDRESS", "::"}, {"HTTP_PORT", "9000"}, {"REDIS_URL", "redis://redis"}}));
    EXPECT_EQ(read.remarks,
              Remarks{"environment variables of Kubernetes services ignored: HTTP_PORT, REDIS_PORT, "
                      "REDIS_SERVICE_HOST, REDIS_SERVICE_PORT_TCP; to keep them out, set enableServiceLinks: "
                      "false in the pod's specification"});
}

TEST(ServiceLinks, ThatResembleNoSettingAreNotReported) {
    EXPECT_EQ(read_both({"KUBERNETES_PORT=tcp://10.0.0.1:443", "KUBERNETES_SERVICE_HOST=10.0.0.1",
                         "KURS_PORT=tcp://10.0.0.3:80", "DNS_PORT=udp://10.0.0.4:53"},
                        "")
                  .remarks,
              Remarks{});
}

TEST(ServiceLinks, OfAServiceWithADashOrAnotherProtocolAreRecognised) {
    for (const std::string& name : std::vector<std::string>{"REDIS_MASTER", "HISTORY_DB", "PUSH_GATEWAY"}) {
        for (const std::string& protocol : std::vector<std::string>{"tcp", "udp", "sctp"}) {
            const auto read = read_both({name + "_PORT=" + protocol + "://10.0.0.1:1"}, "");
            EXPECT_TRUE(read.values.empty()) << name;
            EXPECT_EQ(read.remarks.size(), 1U) << name;
        }
    }
    EXPECT_EQ(read_both({"HTTP_PORT=9000"}, "").values, (Environment{{"HTTP_PORT", "9000"}}));
}

}  // namespace
}  // namespace kurs
