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
    EXPECT_EQ(sanitised(" ~\x1f\x7f"), " ~??");
    EXPECT_EQ(sanitised(std::string(64, 'a')), std::string(64, 'a'));
    EXPECT_EQ(sanitised(std::string(65, 'a')), std::string(61, 'a') + "...");
}

TEST(JsonString, EscapesWhatJsonForbids) {
    EXPECT_EQ(json_string("a\"b\\c\n\x1f"), R"("a\"b\\c\u000a\u001f")");
}

TEST(ReasonPhrase, IsThatOfItsStatus) {
    const std::pair<unsigned, const char*> phrases[] = {{200, "OK"},
                                                        {201, "Created"},
                                                        {204, "No Content"},
                                                        {304, "Not Modified"},
                                                        {307, "Temporary Redirect"},
                                                        {400, "Bad Request"},
                                                        {401, "Unauthorized"},
                                                        {403, "Forbidden"},
                                                        {404, "Not Found"},
                                                        {405, "Method Not Allowed"},
                                                        {406, "Not Acceptable"},
                                                        {408, "Request Timeout"},
                                                        {413, "Content Too Large"},
                                                        {414, "URI Too Long"},
                                                        {415, "Unsupported Media Type"},
                                                        {422, "Unprocessable Content"},
                                                        {426, "Upgrade Required"},
                                                        {429, "Too Many Requests"},
                                                        {431, "Request Header Fields Too Large"},
                                                        {500, "Internal Server Error"},
                                                        {501, "Not Implemented"},
                                                        {503, "Service Unavailable"},
                                                        {505, "HTTP Version Not Supported"}};
    for (const auto& [status, phrase] : phrases) EXPECT_EQ(reason_phrase(status), phrase);
}

}  // namespace
}  // namespace kurs::api
