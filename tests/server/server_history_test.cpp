#include <gtest/gtest.h>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::server {
namespace {

const std::string ask_history = get("/api/v2/history/BTC-USD");

struct ServerHistory : testing::Test {
    ServerHistory() { server.desk().hold(); }

    RunningServer server;
    LoopbackClient client{server.port()};
};

TEST_F(ServerHistory, IsAwaited) {
    client.send(ask_history);
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.desk().answer(CandlePage{});
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.ends_with(R"("candles":[],"next":null})")) << answer.body;
    EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

TEST_F(ServerHistory, KeepsTheOrderOfPipelinedRequests) {
    client.send(get("/nothing") + ask_history + get("/livez") + ask_history + get("/courses"));
    EXPECT_EQ(client.receive().status, 404) << "is not held back";
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.desk().answer(CandlePage{});
    EXPECT_TRUE(client.receive().body.ends_with(R"("candles":[],"next":null})"));
    EXPECT_EQ(client.receive().body, R"({"status":"alive"})");
    EXPECT_TRUE(client.receive().body.ends_with(R"("candles":[],"next":null})"));
    EXPECT_EQ(client.receive().status, 307);
}

TEST_F(ServerHistory, KeepsTheOrderOfManyPipelinedRequests) {
    constexpr int count = 300;
    std::string requests;
    for (int i = 0; i < count; ++i) requests += ask_history + get("/livez");
    std::thread sending([&] { client.send(requests); });
    EXPECT_TRUE(server.desk().wait_for_questions(1));
    server.desk().answer(HistoryFailure::busy);
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(client.receive().status, 503) << i;
        ASSERT_EQ(client.receive().status, 200) << i;
    }
    sending.join();
}

TEST_F(ServerHistory, DoesNotDelayOtherClients) {
    client.send(ask_history);
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    LoopbackClient other(server.port());
    EXPECT_EQ(other.ask(get("/api/v1/courses")).body, both_courses);
    server.desk().answer(CandlePage{});
    EXPECT_EQ(client.receive().status, 200);
}

TEST_F(ServerHistory, MayComeAfterTheClientHasLeft) {
    {
        LoopbackClient leaving(server.port());
        leaving.send(ask_history + get("/livez"));
        ASSERT_TRUE(server.desk().wait_for_questions(1));
    }
    server.desk().answer(CandlePage{});
    EXPECT_EQ(client.ask(ask_history).status, 200);
    server.begin_stop();
    EXPECT_EQ(server.finish(), 0U);
}

TEST_F(ServerHistory, AnswersAClientThatHasEndedItsHalf) {
    client.send(ask_history);
    client.send_end();
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.desk().answer(CandlePage{});
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST_F(ServerHistory, IsAwaitedWhenTheClientWantsToClose) {
    client.send(get("/api/v2/history/BTC-USD", "Connection: close\r\n"));
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.desk().answer(CandlePage{});
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST_F(ServerHistory, IsAwaitedWhenTheServerStops) {
    client.send(ask_history);
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.begin_stop();
    server.desk().answer(CandlePage{});
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
    EXPECT_EQ(server.finish(), 0U);
}

TEST_F(ServerHistory, MayComeAfterTheServerHasCutTheClient) {
    client.send(ask_history);
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    server.begin_stop();
    std::thread late([this] {
        EXPECT_NE(client.wait_end(), End::none);
        server.desk().answer(CandlePage{});
    });
    EXPECT_EQ(server.finish(1ms), 1U);
    late.join();
}

TEST(ServerHistoryLimits, AreThoseOfTheDesk) {
    ServerLimits limits;
    limits.idle_limit = limits.request_limit = limits.write_limit = 20ms;
    RunningServer server(limits);
    server.desk().hold();
    LoopbackClient waiting(server.port());
    waiting.send(ask_history);
    ASSERT_TRUE(server.desk().wait_for_questions(1));
    // Another connection, idle in the meantime, is closed: its limit has passed.
    LoopbackClient idle(server.port());
    EXPECT_EQ(idle.wait_end(), End::orderly);
    server.desk().answer(CandlePage{});
    EXPECT_EQ(waiting.receive().status, 200);
}

TEST(ServerHistoryForms, HavePathsOfTheirOwn) {
    RunningServer server;
    server.desk().answer(CandlePage{});
    LoopbackClient client(server.port());
    const auto csv = client.ask(get("/api/v2/history/BTC-USD/candles.csv"));
    EXPECT_EQ(csv.body, "time,open,high,low,close,count\r\n");
    EXPECT_TRUE(client.ask(ask_history).has("Content-Type: application/json"));
    client.send("HEAD /api/v2/history/BTC-USD/candles.csv HTTP/1.1\r\nHost: k\r\n\r\n");
    EXPECT_TRUE(client.receive(false).has("Content-Length: 32"));
    EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

}  // namespace
}  // namespace kurs::server
