#include "kurs/api/problem.hpp"

#include <gtest/gtest.h>

namespace kurs::api {
namespace {

TEST(Problem, IsADocumentOfRfc9457) {
    EXPECT_EQ(
        to_json({400, R"(Unknown direction "X".)"}),
        R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown direction \"X\"."})");
}

TEST(Problem, MayHaveFurtherMembers) {
    Problem problem{503, "Later."};
    problem.members = R"("version":7,"courses":[])";
    EXPECT_EQ(to_json(problem),
              R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Later.",)"
              R"("version":7,"courses":[]})");
}

TEST(Sanitised, IsPrintableAsciiOfLimitedLength) {
    EXPECT_EQ(sanitised("a\r\n\x01\xff~b"), "a????~b");
    EXPECT_EQ(sanitised(std::string(64, 'a')), std::string(64, 'a'));
    EXPECT_EQ(sanitised(std::string(65, 'a')), std::string(61, 'a') + "...");
}

TEST(JsonString, EscapesWhatJsonForbids) {
    EXPECT_EQ(json_string("a\"b\\c\n\x1f"), R"("a\"b\\c\u000a\u001f")");
}

}  // namespace
}  // namespace kurs::api
