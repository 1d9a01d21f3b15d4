#include "request_parser.hpp"

#include <gtest/gtest.h>

namespace kurs::http {
namespace {

constexpr std::string_view two_requests =
    "GET /a HTTP/1.1\r\nHost: k\r\nIf-None-Match: \"x\"\r\nif-none-match: \"y\"\r\n"
    "Accept: text/csv\r\naccept: */*\r\n\r\n"
    "POST /b HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\nHost: "
    "trailer\r\n\r\n";

/// Feeds `bytes` in pieces and returns the targets of the requests that were read.
std::vector<std::string> targets(RequestParser& parser, std::string_view bytes, std::size_t piece) {
    std::vector<std::string> found;
    std::string held;
    while (!bytes.empty() && !parser.refusal()) {
        held += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (bool again = true; again && !held.empty() && !parser.refusal();) {
            held.erase(0, parser.feed(held));
            again = parser.is_complete();
            if (again) found.emplace_back(parser.request().target);
            if (again) parser.next();
        }
    }
    return found;
}

TEST(RequestParser, ReadsTheSameHoweverTheBytesAreCut) {
    const std::vector<std::string> both{"/a", "/b"};
    for (std::size_t piece = 1; piece <= two_requests.size(); ++piece) {
        RequestParser parser{ServerLimits{}};
        EXPECT_EQ(targets(parser, two_requests, piece), both) << piece;
        EXPECT_FALSE(parser.refusal()) << piece;
    }
}

TEST(RequestParser, JoinsRepeatedHeaders) {
    RequestParser parser{ServerLimits{}};
    parser.feed(two_requests);
    EXPECT_EQ(parser.request().if_none_match, R"("x", "y")");
    EXPECT_EQ(parser.request().accept, "text/csv, */*");
    EXPECT_EQ(parser.method_text(), "GET");
    parser.next();
    EXPECT_EQ(parser.request().accept, "");
}

TEST(RequestParser, KnowsWhoAsksOnlyForWhatIsCurrent) {
    RequestParser parser{ServerLimits{}};
    std::string requests;
    for (const auto* value : {"1", "soon", "yes"})
        requests += std::string("GET / HTTP/1.1\r\nHost: k\r\nkurs-only-current: ") + value + "\r\n\r\n";
    requests += "GET / HTTP/1.1\r\nHost: k\r\n\r\n";
    for (std::string_view rest = requests;
         const auto expected : {IfBehind::refuse, IfBehind::wait, IfBehind::answer, IfBehind::answer}) {
        rest.remove_prefix(parser.feed(rest));
        EXPECT_EQ(parser.request().if_behind, expected);
        parser.next();
    }
}

TEST(RequestParser, CountsAHeaderThatComesInPieces) {
    std::string header = "GET /a HTTP/1.1\r\nHost: k\r\n";
    while (header.size() < 9000) header += "X-Small: 1234\r\n";
    for (const std::size_t piece : {15U, 100U, 3000U, 16384U}) {
        RequestParser parser{ServerLimits{}};
        EXPECT_TRUE(targets(parser, header + "\r\n", piece).empty());
        ASSERT_TRUE(parser.refusal()) << piece;
        EXPECT_EQ(parser.refusal()->status, 431U);
    }
}

}  // namespace
}  // namespace kurs::http
