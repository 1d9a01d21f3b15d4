#include "kurs/config/environment.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

TEST(EnvFile, ReadsNamesValuesQuotesAndComments) {
    std::vector<Problem> problems;
    const auto environment = parse_env_file(
        "# a comment\n\nHTTP_PORT=9000\r\n  export LOG_LEVEL = debug # loud\nKEY=\"a # b\"\nEMPTY=\nQ='x'\n",
        problems);
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(
        environment,
        (Environment{
            {"HTTP_PORT", "9000"}, {"LOG_LEVEL", "debug"}, {"KEY", "a # b"}, {"EMPTY", ""}, {"Q", "x"}}));
}

TEST(EnvFile, NamesTheLinesItCannotRead) {
    std::vector<Problem> problems;
    parse_env_file("A=1\nnonsense\n=5\nB=2", problems);
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(to_string(problems[0]), ".env line 2: must be NAME=value, a comment or empty");
    EXPECT_EQ(problems[1].where, ".env line 3");
}

}  // namespace
}  // namespace kurs
