#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

#include "loopback_client.hpp"
#include "running_server.hpp"

namespace kurs::server {
namespace {

/// The request is refused with the status as a problem document, and the connection ends without a reset.
void expect_refusal(std::string_view request, int status) {
    RunningServer server;
    LoopbackClient client(server.port());
    const auto answer = client.ask(request);
    EXPECT_EQ(answer.status, status);
    EXPECT_TRUE(answer.is_last());
    EXPECT_TRUE(answer.has("Content-Type: application/problem+json"));
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerLimits, RefuseMalformedHttp) {
    expect_refusal("nonsense\r\n\r\n", 400);
    expect_refusal("GET /livez HTTP/1.1\r\n\r\n", 400);
    expect_refusal("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
    expect_refusal("GET /livez HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
    expect_refusal("GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n", 400);
    expect_refusal(get("/livez", "Transfer-Encoding: chunked foo, identity\r\n") + "0\r\n\r\n", 400);
    expect_refusal(get("/livez?a b"), 400);
    expect_refusal("POST /livez HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: gzip\r\n\r\n", 400);
    expect_refusal(
        "POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

/// The most bytes that the kernel holds for a connection of this port: sent, but not taken by the client.
std::size_t most_unsent_of(std::uint16_t port) {
    std::ifstream table("/proc/net/tcp");
    std::size_t most = 0;
    for (std::string line; std::getline(table, line);) {
        unsigned local = 0;
        std::size_t unsent = 0;
        const auto* const form = "%*d: %*x:%x %*x:%*x %*x %zx:";
        if (std::sscanf(line.c_str(), form, &local, &unsent) == 2 && local == port)
            most = std::max(most, unsent);
    }
    return most;
}

TEST(ServerLimits, LetTheKernelHoldLittleForAClientThatDoesNotRead) {
    RunningServer server;
    LoopbackClient client(server.port());
    client.send(get("/assets/large"));
    std::size_t most = 0;
    for (int i = 0; i < 100 && most == 0; ++i) {
        std::this_thread::sleep_for(10ms);  // until the client's own buffer is full
        most = most_unsent_of(server.port());
    }
    EXPECT_GT(most, 0U);
    EXPECT_LE(most, 640U * 1024)
        << "Linux doubles what was asked for (socket(7)), and takes one segment more";
}

TEST(ServerLimits, RefuseALongTarget) {
    expect_refusal(get("/api/v1/courses?direction=" + std::string(4096, 'A')), 414);
    expect_refusal("GET /" + std::string(12'000, 'a'), 414);
}

TEST(ServerLimits, RefuseALargeHeader) {
    expect_refusal(get("/livez", "X-Long: " + std::string(8192, 'a') + "\r\n"), 431);
    expect_refusal("GET /livez HTTP/1.1\r\nX-Endless: " + std::string(12'000, 'a'), 431);
    std::string many;
    for (int i = 0; i < 700; ++i) many += "X-Small: 1234\r\n";
    expect_refusal(get("/livez", many), 431);
}

TEST(ServerLimits, RefuseALargeBody) {
    expect_refusal("POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 16385\r\n\r\n", 413);
    expect_refusal("POST /livez HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n", 413);
    expect_refusal(
        "POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'a'), 413);
}

TEST(ServerLimits, AcceptABodyOfTheLargestSize) {
    RunningServer server;
    LoopbackClient client(server.port());
    const std::string body(16 * 1024, 'a');
    EXPECT_EQ(client.ask("POST /livez HTTP/1.1\r\nHost: k\r\nContent-Length: 16384\r\n\r\n" + body).status,
              405);
    const auto chunks =
        "2000\r\n" + body.substr(0, 8192) + "\r\n2000\r\n" + body.substr(0, 8192) + "\r\n0\r\n\r\n";
    EXPECT_EQ(
        client.ask("GET /livez HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks).status,
        200);
}

TEST(ServerLimits, RefuseASlowRequest) {
    ServerLimits limits;
    limits.request_limit = 50ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    const auto answer = client.ask("GET /livez HTTP/1.1\r\n");
    EXPECT_EQ(answer.status, 408);
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerLimits, CloseAnIdleConnection) {
    ServerLimits limits;
    limits.idle_limit = 50ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    EXPECT_EQ(client.ask(get("/livez")).status, 200);
    EXPECT_EQ(client.wait_end(), End::orderly);
}

TEST(ServerLimits, DisconnectAClientThatDoesNotRead) {
    ServerLimits limits;
    limits.write_limit = 50ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    const auto request = get("/api/v1/courses");
    while (client.send(request)) {
    }
    EXPECT_NE(client.wait_end(), End::none);
}

TEST(ServerLimits, LimitTheWaitForAClientToClose) {
    ServerLimits limits;
    limits.linger_limit = 50ms;
    RunningServer server(limits);
    LoopbackClient client(server.port());
    client.ask(get("/livez", "Connection: close\r\n"));
    server.begin_stop();
    EXPECT_EQ(server.finish(), 0U);
}

TEST(ServerLimits, RefuseTooManyConnections) {
    ServerLimits limits;
    limits.connections = 1;
    RunningServer server(limits);
    LoopbackClient first(server.port());
    EXPECT_EQ(first.ask(get("/livez")).status, 200);
    LoopbackClient second(server.port());
    const auto answer = second.receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.has("Retry-After: 1"));
    EXPECT_TRUE(answer.is_last());
    EXPECT_EQ(second.wait_end(), End::orderly);
    EXPECT_EQ(first.ask(get("/livez")).status, 200);
}

}  // namespace
}  // namespace kurs::server
