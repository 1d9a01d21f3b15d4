#include <gtest/gtest.h>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::server {
namespace {

ServerLimits with_grace(Duration grace) {
    ServerLimits limits;
    limits.stop_grace = grace;
    return limits;
}

TEST(ServerStop, AnswersTheRequestInFlightAndCloses) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send("GET /livez HTTP/1.1\r\n");
    server.begin_stop();
    const auto answer = client.ask("Host: k\r\n\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerStop, AnswersAllPipelinedRequestsAndClosesAfterTheLast) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send("GET /livez HTTP/1.1\r\n");
    server.begin_stop();
    client.send("Host: k\r\n\r\n" + get("/livez") + get("/nothing"));
    EXPECT_FALSE(client.receive().is_last());
    EXPECT_FALSE(client.receive().is_last());
    const auto last = client.receive();
    EXPECT_EQ(last.status, 404);
    EXPECT_TRUE(last.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerStop, LetsAnIdleClientSendOneMoreRequest) {
    RunningServer server(with_grace(5s));
    LoopbackClient client(server.port());
    EXPECT_FALSE(client.ask(get("/livez")).is_last());
    server.begin_stop();
    EXPECT_TRUE(client.ask(get("/livez")).is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerStop, ClosesAnIdleClientAfterItsGrace) {
    RunningServer server(with_grace(20ms));
    LoopbackClient client(server.port());
    client.ask(get("/livez"));
    server.begin_stop();
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerStop, AnswersConnectionsThatTheKernelHasAccepted) {
    RunningServer server(with_grace(50ms));
    std::list<LoopbackClient> clients;
    for (int i = 0; i < 50; ++i) clients.emplace_back(server.port()).send(get("/livez"));
    server.begin_stop();
    for (auto& client : clients)
        EXPECT_TRUE(client.receive().status == 200 && client.wait_end() == End::orderly);
}

TEST(ServerStop, AcceptsNoNewConnections) {
    RunningServer server;
    server.begin_stop();
    EXPECT_THROW(LoopbackClient{server.port()}, std::runtime_error);
}

TEST(ServerStop, EndsTheLoopOnceAllClientsHaveGone) {
    RunningServer server;
    {
        LoopbackClient client(server.port());
        client.ask(get("/livez"));
    }
    server.begin_stop();
    EXPECT_EQ(server.finish(), 0U);
}

TEST(ServerStop, ClosesConnectionsAtTheLimit) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send("GET /livez");
    server.begin_stop();
    EXPECT_EQ(server.finish(10ms), 1U);
    EXPECT_NE(client.wait_end(), End::none);
}

}  // namespace
}  // namespace kurs::server
