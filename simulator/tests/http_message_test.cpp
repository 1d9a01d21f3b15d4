#include "http_message.hpp"

#include <gtest/gtest.h>

#include "rest_faults.hpp"

using namespace sim;

TEST(HttpTarget, IsTakenApartAndDecoded) {
    Request request;
    parse_target("/a%20b?x=%5B%22A%22%5D&flag&y=1%", request);
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.parameter("x"), R"(["A"])");
    EXPECT_EQ(request.parameter("flag"), "");
    EXPECT_EQ(request.parameter("y"), "1%");
    EXPECT_FALSE(request.parameter("z"));
}

TEST(HttpReply, HeadTellsTheLength) {
    Reply reply{.body = "{}", .headers = {{"Retry-After", "7"}}};
    EXPECT_EQ(head_of(reply, true),
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nRetry-After: 7\r\nContent-Length: 2\r\n"
              "Connection: keep-alive\r\n\r\n");
    reply.delivery = Delivery::wrong_length;
    EXPECT_NE(head_of(reply, true).find("Content-Length: 102"), std::string::npos);
}

TEST(CoinGeckoStatus, TooManyRequestsHasFiveShapes) {
    const Instant now{Millis{1'773'026'820'000}};
    EXPECT_NE(coingecko_status_reply(429, "status", now).body.find("Rate Limit"), std::string::npos);
    EXPECT_EQ(coingecko_status_reply(429, "ratelimit_reset", now).headers.front().second,
              "2026-03-09 03:28:00 +0000");
    EXPECT_EQ(coingecko_status_reply(429, "throttled", now).body, "Throttled");
    EXPECT_EQ(coingecko_status_reply(429, "html", now).type, "text/html");
    EXPECT_EQ(coingecko_status_reply(429, "empty", now).body, "");
}
