#include <gtest/gtest.h>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::http {
namespace {

const std::string ask_soon = get("/api/v1/courses", "Kurs-Only-Current: soon\r\n");

/// A copy that is behind the others, and waited for at most so long.
struct Behind : RunningServer {
    explicit Behind(Duration limit) : RunningServer(ServerLimits{.catch_up_limit = limit}) {
        fall_behind(limit);
    }

    LoopbackClient client{port()};
};

TEST(ServerCatchUp, IsWaitedForAndThenShowsTheNewest) {
    Behind server(1h);
    server.client.send(ask_soon);
    EXPECT_EQ(LoopbackClient(server.port()).ask(get("/livez")).status, 200) << "holds up nobody else";
    server.change(btc_usd, "54321");
    server.fall_behind(0ms);
    const auto answer = server.client.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.body.find("54321"), answer.body.npos) << answer.body;
}

TEST(ServerCatchUp, IsWaitedForByEachRequestAndNoLongerThanTheLimit) {
    Behind server(50ms);
    for (int i = 0; i < 2; ++i) {
        const auto asked_at = std::chrono::steady_clock::now();
        EXPECT_EQ(server.client.ask(ask_soon).body, both_courses) << "what it has";
        EXPECT_GE(std::chrono::steady_clock::now() - asked_at, 50ms);
    }
}

TEST(ServerCatchUp, IsNotWaitedForOnceItIsFarBehind) {
    Behind server(1h);
    server.client.send(ask_soon);
    server.fall_behind(1h + 1ms);
    EXPECT_EQ(server.client.receive().body, both_courses);
    EXPECT_EQ(server.client.ask(ask_soon).body, both_courses);
}

TEST(ServerCatchUp, KeepsTheOrderOfPipelinedRequests) {
    Behind server(50ms);
    server.client.send(get("/livez") + ask_soon + get("/nothing"));
    EXPECT_EQ(server.client.receive().body, R"({"status":"alive"})");
    EXPECT_EQ(server.client.receive().body, both_courses);
    EXPECT_EQ(server.client.receive().status, 404);
}

TEST(ServerCatchUp, IsNotWaitedForByOthers) {
    Behind server(1h);
    EXPECT_EQ(server.client.ask(get("/api/v1/courses")).body, both_courses);
    EXPECT_EQ(server.client.ask(get("/api/v1/courses", "Kurs-Only-Current: 1\r\n")).status, 403);
}

TEST(ServerCatchUp, EndsBeforeTheServerDoesAlsoForOneWhoHasLeft) {
    Behind server(50ms);
    LoopbackClient(server.port()).send(ask_soon);
    server.client.send(ask_soon);
    server.begin_stop();
    EXPECT_EQ(server.client.receive().body, both_courses);
    EXPECT_EQ(server.finish(), 0U);
}

}  // namespace
}  // namespace kurs::http
