#include <gtest/gtest.h>

#include <list>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::server {
namespace {

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

ServerLimits few_subscribers(std::size_t count) {
    ServerLimits limits;
    limits.push.subscribers = count;
    limits.push.round_every = 5ms;
    return limits;
}

std::string web_socket_upgrade(std::string_view target = "/api/v2/ws") {
    return get(target,
               "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
}

TEST(ServerPush, SendsASnapshotAndThenChanges) {
    RunningServer server(few_subscribers(1));
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream?direction=BTC-USD"));
    const auto head = client.receive_until("\r\n\r\n");
    EXPECT_TRUE(holds(head, "HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(holds(head, "Connection: close\r\n"));
    EXPECT_TRUE(holds(client.receive_until("\n\n"), "retry: "));
    EXPECT_TRUE(holds(client.receive_until("\n\n"), "event: snapshot"));
    server.change(btc_usd, "54001");
    const auto event = client.receive_until("\n\n");
    EXPECT_TRUE(holds(event, "event: changes"));
    EXPECT_TRUE(holds(event, "54001"));
}

TEST(ServerPush, AnswersEarlierPipelinedRequestsFirst) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/livez") + get("/api/v2/stream"));
    EXPECT_TRUE(holds(client.receive_until("alive\"}"), "HTTP/1.1 200 OK"));
    EXPECT_TRUE(holds(client.receive_until("\n\nevent: snapshot"), "text/event-stream"));
}

TEST(ServerPush, RefusesSubscribersBeyondTheLimitAndServesOn) {
    RunningServer server(few_subscribers(1));
    LoopbackClient first(server.port()), second(server.port());
    first.send(get("/api/v2/stream"));
    first.receive_until("event: snapshot");
    const auto refused = second.ask(get("/api/v2/stream"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.has("Retry-After: 1"));
    EXPECT_EQ(second.ask(get("/livez")).status, 200);
}

TEST(ServerPush, LimitsTopicsAndDropsUnusedOnes) {
    auto limits = few_subscribers(2);
    limits.push.topics = 1;
    RunningServer server(limits);
    {
        LoopbackClient first(server.port()), second(server.port());
        first.send(get("/api/v2/stream?direction=BTC-USD"));
        first.receive_until("event: snapshot");
        const auto refused = second.ask(get("/api/v2/stream?direction=ETH-USD"));
        EXPECT_EQ(refused.status, 503);
        EXPECT_TRUE(holds(refused.body, "Too many different subscriptions"));
        first.send_end();
        EXPECT_EQ(first.wait_end(), End::orderly);
    }
    LoopbackClient third(server.port());
    third.send(get("/api/v2/stream?direction=ETH-USD"));
    third.receive_until("event: snapshot");
    EXPECT_EQ(server.push_counts().refused, 1);
}

TEST(ServerPush, KeepsReportingTheExchangerThatASubscriberRequests) {
    RunningServer server(few_subscribers(1));
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream?exchanger=coingecko"));
    client.receive_until("event: snapshot");
    const auto before = server.times_requested(coingecko);
    for (int i = 0; i < 3; ++i) {
        server.change(btc_usd, std::to_string(53000 + i), coingecko);
        client.receive_until("event: changes");
    }
    EXPECT_GE(server.times_requested(coingecko), before + 3);
}

TEST(ServerPush, MakesRoomWhenAClientLeaves) {
    RunningServer server(few_subscribers(1));
    for (int i = 0; i < 3; ++i) {
        LoopbackClient client(server.port());
        client.send(get("/api/v2/stream"));
        client.receive_until("event: snapshot");
        client.send_end();
        EXPECT_EQ(client.wait_end(), End::orderly);
    }
}

TEST(ServerPush, SubscribersTakeNoConnectionFromRequests) {
    auto limits = few_subscribers(2);
    limits.connections = 1;
    RunningServer server(limits);
    LoopbackClient first(server.port());
    // The snapshot reaches the client before the server has released the connection's place.
    first.send(get("/api/v2/stream"));
    while (server.push_counts().event_streams < 1) continue;
    LoopbackClient second(server.port());
    second.send(get("/api/v2/stream"));
    while (server.push_counts().event_streams < 2) continue;
    EXPECT_EQ(LoopbackClient(server.port()).ask(get("/livez")).status, 200);
}

TEST(ServerPush, SubscribersThatLingerStillCountAgainstTheWhole) {
    auto limits = few_subscribers(1);
    limits.connections = 2;
    limits.linger_limit = 1h;
    RunningServer server(limits);
    std::list<LoopbackClient> lingering;
    for (int i = 0; i < 2; ++i) {
        auto& client = lingering.emplace_back(server.port());
        client.send(get("/api/v2/stream"));
        while (server.push_counts().event_streams < 1) continue;
        client.send(std::string(20'000, 'x'));  // ends the subscription; this end stays open
        while (server.push_counts().event_streams > 0) continue;
    }
    LoopbackClient asking(server.port());
    EXPECT_EQ(asking.ask(get("/livez")).status, 200);
    EXPECT_EQ(LoopbackClient(server.port()).receive().status, 503);
}

TEST(ServerPush, ASubscriberOfAReplacedFrontMustAcceptTheEnd) {
    auto limits = few_subscribers(2);
    limits.push.write_limit = 2s;
    limits.push.heartbeat_after = 1h;  // so that the kernel does not end it
    RunningServer server(limits);
    LoopbackClient deaf(server.port()), other(server.port());
    deaf.send(web_socket_upgrade());
    other.send(get("/api/v2/stream"));
    other.receive_until("event: snapshot");
    int unsent = 0;  // consecutive messages that only the other client got
    for (int i = 0; i < 100'000 && unsent < 20; ++i) {
        const auto before = server.push_counts().messages;
        server.change(btc_usd, std::to_string(54000 + i));
        other.receive_until("event: changes");
        unsent = server.push_counts().messages - before < 2 ? unsent + 1 : 0;
    }
    ASSERT_EQ(unsent, 20);
    ASSERT_EQ(server.push_counts().cut, 0) << "it has not been stuck for long";
    const auto replaced_at = std::chrono::steady_clock::now();
    server.use_stale_front();
    EXPECT_EQ(other.wait_end(), End::orderly);
    while (!server.has_freed_first_front()) continue;
    EXPECT_LT(std::chrono::steady_clock::now() - replaced_at, 20s) << "the WebSocket's own timeout is 30 s";
}

TEST(ServerPush, DisconnectsAClientThatDoesNotRead) {
    auto limits = few_subscribers(2);
    limits.push.write_limit = 100ms;
    RunningServer server(limits);
    LoopbackClient deaf(server.port()), other(server.port());
    deaf.send(get("/api/v2/stream"));
    other.send(get("/api/v2/stream"));
    other.receive_until("event: snapshot");
    for (int i = 0; i < 100'000 && server.push_counts().cut == 0; ++i) {
        server.change(btc_usd, std::to_string(54000 + i));
        other.receive_until("event: changes");
    }
    EXPECT_EQ(server.push_counts().cut, 1);
    EXPECT_NE(deaf.wait_end(), End::none);
    server.change(btc_usd, "1.5");
    other.receive_until("\"1.5\"");
}

TEST(ServerPush, SendsHeartbeatsWhenNothingChanges) {
    auto limits = few_subscribers(1);
    limits.push.heartbeat_after = 10ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream"));
    client.receive_until("event: snapshot");
    client.receive_until("event: heartbeat");
    client.receive_until("event: heartbeat");
}

TEST(ServerPush, WaitsForAVersionThatAClientAlreadyHas) {
    auto limits = few_subscribers(1);
    limits.push.ahead_limit = 1h;
    RunningServer server(limits);
    const auto next = server.version() + 1;
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream?last_event_id=" + std::to_string(next)));
    client.receive_until("retry: ");
    server.change(btc_usd, "54001");
    server.change(btc_usd, "54002");
    const auto event = client.receive_until("data: ");
    EXPECT_TRUE(holds(event, "id: " + std::to_string(next + 1))) << event;
    EXPECT_FALSE(holds(event, "id: " + std::to_string(next) + "\n")) << event;
}

TEST(ServerPush, SendsASnapshotIfAFutureVersionNeverComes) {
    auto limits = few_subscribers(1);
    limits.push.ahead_limit = 20ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream?last_event_id=18000000000000000000"));
    client.receive_until("event: snapshot");
}

TEST(ServerPush, EndsStreamsWhenItStops) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/api/v2/stream"));
    client.receive_until("event: snapshot");
    server.begin_stop();
    EXPECT_EQ(client.wait_end(), End::orderly);
    EXPECT_EQ(server.finish(), 0);
}

TEST(ServerPush, UpgradesToWebSocket) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(web_socket_upgrade());
    const auto head = client.receive_until("\r\n\r\n");
    EXPECT_TRUE(holds(head, "HTTP/1.1 101 "));
    EXPECT_TRUE(holds(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    const auto frame = client.receive_until(R"("courses":[)");
    EXPECT_TRUE(frame.starts_with("\x81"));  // a complete text message, not masked
    EXPECT_TRUE(holds(frame, R"({"event":"snapshot")"));
}

TEST(ServerPush, AHandshakeInProgressCountsAsASubscriber) {
    RunningServer server(few_subscribers(1));
    LoopbackClient first(server.port()), second(server.port());
    first.send(web_socket_upgrade());
    second.send(web_socket_upgrade());
    const std::string answers = first.receive_until("HTTP/1.1 ") + first.receive_until(" ") +
                                second.receive_until("HTTP/1.1 ") + second.receive_until(" ");
    EXPECT_EQ(holds(answers, "101") + holds(answers, "503"), 2) << answers;
}

TEST(ServerPush, AKeyThatIsNotBase64IsNoUpgrade) {
    RunningServer server;
    auto request = web_socket_upgrade();
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    for (const auto* const other :
         {"dGhlIHNhbXBsZSBub25jZQ=a", "dGhlIHNhbXBsZSBub25j!Q==", "dGhlIHNhbXBsZSBub25jZQ="}) {
        auto broken = request;
        broken.replace(broken.find(key), key.size(), other);
        EXPECT_EQ(LoopbackClient(server.port()).ask(broken).status, 426) << other;
    }
}

TEST(ServerPush, ClosesAWebSocketThatSendsMessages) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(web_socket_upgrade());
    client.receive_until(R"("courses":[)");
    client.send(std::string("\x81\x82\0\0\0\0hi", 8));
    client.receive_until("\x88\x02\x03\xf0");  // 1008
    client.send(std::string("\x88\x82\0\0\0\0\x03\xf0", 8));
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerPush, ClosesWebSocketsWhenItStops) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(web_socket_upgrade());
    client.receive_until(R"("courses":[)");
    server.begin_stop();
    client.receive_until("\x88\x02\x03\xe9");  // 1001
    client.send(std::string("\x88\x82\0\0\0\0\x03\xe9", 8));
    EXPECT_EQ(client.wait_end(), End::orderly);
    EXPECT_EQ(server.finish(), 0);
}

TEST(ServerPush, LimitsTheWaitForAWebSocketToClose) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(web_socket_upgrade());
    client.receive_until(R"("courses":[)");
    server.begin_stop();
    EXPECT_EQ(server.finish(), 0);
}

TEST(ServerPush, DataBeforeTheUpgradeIsRefused) {
    RunningServer server;
    LoopbackClient client(server.port());
    const auto answer = client.ask(web_socket_upgrade() + "\x81\x80");
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerPush, DataAfterARefusedHandshakeIsNotARequest) {
    RunningServer server(few_subscribers(0));
    const auto key =
        get("/api/v2/ws", "Connection: upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n");
    const auto elsewhere = "Origin: https://elsewhere.example\r\n\r\n";
    auto foreign = web_socket_upgrade();
    foreign.replace(foreign.size() - 2, 2, elsewhere);
    auto old = web_socket_upgrade();
    old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
    const std::pair<std::string, int> table[] = {
        {key, 426},
        {old, 426},
        {foreign, 403},
        {web_socket_upgrade("/api/v2/ws?colour=red"), 400},
        {web_socket_upgrade("/api/v2/nothing"), 404},
        {web_socket_upgrade(), 503},
    };
    for (const auto& [handshake, status] : table) {
        LoopbackClient client(server.port());
        const auto answer = client.ask(handshake + get("/livez"));
        EXPECT_EQ(answer.status, status) << handshake;
        EXPECT_TRUE(answer.is_last()) << handshake;
        EXPECT_EQ(client.receive().status, 0) << handshake;
    }
}

TEST(ServerPush, AProtocolThatIsNotWebSocketLeavesTheConnectionOpen) {
    RunningServer server;
    LoopbackClient client(server.port());
    EXPECT_EQ(client.ask(get("/livez", "Connection: Upgrade\r\nUpgrade: h2c\r\n")).status, 200);
    EXPECT_EQ(client.ask(get("/livez")).status, 200);
}

}  // namespace
}  // namespace kurs::server
