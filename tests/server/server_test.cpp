#include <gtest/gtest.h>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::server {
namespace {

TEST(Server, AnswersManyRequestsOnAConnection) {
    RunningServer server;
    LoopbackClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(get("/api/v1/courses"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, both_courses);
        EXPECT_NE(answer.head.find("\r\nDate: "), answer.head.npos);
        EXPECT_EQ(answer.head.find("\r\nConnection:"), answer.head.npos);
    }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/livez") + get("/nothing") +
                "POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 5\r\n\r\nhello" + "\r\n" +
                get("/courses"));
    for (const int status : {200, 404, 405, 307}) EXPECT_EQ(client.receive().status, status);
}

TEST(Server, AnswersMorePipelinedRequestsThanItBuffers) {
    RunningServer server;
    LoopbackClient client(server.port());
    constexpr int count = 2000;
    std::string requests;
    for (int i = 0; i < count; ++i) requests += get("/api/v1/courses");
    std::thread sending([&] { client.send(requests); });
    for (int i = 0; i < count; ++i) ASSERT_EQ(client.receive().status, 200) << i;
    sending.join();
}

TEST(Server, SendsALargeFileBetweenOtherAnswers) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/livez") + get("/assets/large") + get("/livez"));
    EXPECT_EQ(client.receive().body, R"({"status":"alive"})");
    EXPECT_EQ(client.receive().body, large_file());
    EXPECT_EQ(client.receive().body, R"({"status":"alive"})");
}

TEST(Server, AnswersARequestThatComesByteByByte) {
    RunningServer server;
    LoopbackClient client(server.port());
    for (const char c : get("/livez")) client.send({&c, 1});
    EXPECT_EQ(client.receive().status, 200);
}

TEST(Server, AnswersHeadWithoutABody) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send("HEAD /api/v1/courses HTTP/1.1\r\nHost: k\r\n\r\n" + get("/livez"));
    EXPECT_TRUE(client.receive(false).has("Content-Length: " + std::to_string(both_courses.size())));
    EXPECT_EQ(client.receive().body, R"({"status":"alive"})");
}

TEST(Server, AnswersNotModified) {
    RunningServer server;
    LoopbackClient client(server.port());
    const auto head = client.ask(get("/api/v1/courses")).head;
    const auto etag = head.substr(head.find("ETag: ") + 6, 18);
    const auto lines = "If-None-Match: \"x\"\r\nIf-None-Match: " + etag + "\r\n";
    EXPECT_EQ(client.ask(get("/api/v1/courses", lines)).status, 304);
    EXPECT_EQ(client.ask(get("/api/v1/courses", lines + "If-None-Match: x\r\n")).status, 200);
    EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
    RunningServer server;
    LoopbackClient client(server.port());
    EXPECT_TRUE(client.ask(get("/livez", "Connection: close\r\n")).is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(Server, KeepsAnOldClientOnlyIfItAsks) {
    RunningServer server;
    LoopbackClient client(server.port());
    EXPECT_TRUE(
        client.ask("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").has("Connection: keep-alive"));
    EXPECT_TRUE(client.ask("GET /livez HTTP/1.0\r\n\r\n").is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(Server, ClosesAnOldClientsConnectionIfItAsksForBoth) {
    RunningServer server;
    LoopbackClient client(server.port());
    const auto answer = client.ask("GET /livez HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.is_last());
    EXPECT_FALSE(answer.has("Connection: keep-alive"));
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(Server, AnswersAClientThatHasEndedItsHalf) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/livez") + get("/readyz"));
    client.send_end();
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().body, R"({"status":"ready"})");
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(Server, LetsTheClientContinueWithItsBody) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send("POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.ask("hello").status, 405);
}

TEST(Server, ServesIpv6) {
    try {
        RunningServer server({}, "::1");
        LoopbackClient client(server.port(), true);
        EXPECT_EQ(client.ask(get("/livez")).status, 200);
    } catch (const std::runtime_error& failure) {
        GTEST_SKIP() << "no IPv6 here: " << failure.what();
    }
}

TEST(Server, AnswersWithAnotherFrontOnOpenConnections) {
    RunningServer server;
    LoopbackClient idle(server.port()), asking(server.port());
    auto subscriber = std::make_unique<LoopbackClient>(server.port());
    EXPECT_EQ(idle.ask(get("/api/v1/courses?direction=BTC-USD")).status, 200);
    subscriber->send(get("/api/v2/stream"));
    subscriber->receive_until("event: snapshot");
    server.desk().hold();
    asking.send(get("/api/v2/history/BTC-USD"));
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.use_stale_front();
    EXPECT_EQ(subscriber->wait_end(), End::orderly);
    EXPECT_EQ(idle.ask(get("/api/v1/courses?direction=BTC-USD")).status, 503);
    server.desk().answer(HistoryFailure::not_kept);
    EXPECT_EQ(asking.receive().status, 503);
    EXPECT_EQ(asking.ask(get("/api/v1/courses?direction=BTC-USD")).status, 503);
    subscriber.reset();
    while (!server.has_freed_first_front()) continue;
}

TEST(Server, KeepsAFrontUntilItsLastByteIsSent) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/assets/large") + get("/livez"));
    client.receive_until("\r\n\r\n");  // more is unsent than the kernel holds
    server.use_stale_front();
    EXPECT_FALSE(server.has_freed_first_front());
    client.receive_until("alive\"}");
    EXPECT_EQ(client.ask(get("/api/v1/courses")).status, 503);
    EXPECT_TRUE(server.has_freed_first_front());
}

TEST(Server, ReportsWhyItCannotListen) {
    RunningServer first;
    net::io_context loop(1);
    Server second(loop.get_executor(), {});
    EXPECT_EQ(second.listen("127.0.0.1", first.port()).error(),
              "cannot listen on 127.0.0.1 port " + std::to_string(first.port()) + ": Address already in use");
    EXPECT_EQ(second.listen("localhost", 0).error(), "cannot listen on localhost port 0: not an IP address");
}

}  // namespace
}  // namespace kurs::server
