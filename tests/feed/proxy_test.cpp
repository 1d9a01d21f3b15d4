#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

using namespace std::string_literals;

/// A feed whose only way out is a scripted proxy, which then plays the venue too.
class ProxyTest : public StreamFeedTest {
protected:
    void serve_by(Proxy::Kind kind, Script script) {
        const Endpoint address = serve(std::move(script)).endpoint();
        proxy = Proxy{kind, address.host, address.port, {}, {}};
        endpoints.front() = Endpoint{false, "venue.example", 9443, ""};
    }

    void log_in_as(std::string user, std::string password) {
        proxy->user = std::move(user);
        proxy->password = std::move(password);
    }

    void expect_refusal(std::string_view reason) {
        start();
        until([&] { return seen.has(FeedState::backing_off, reason); });
        EXPECT_FALSE(seen.has(FeedState::live));
        EXPECT_EQ(seen.failures.front(), FeedFailure::connect);
    }

    void expect_live() {
        start();
        until([&] { return seen.has(FeedState::live); });
        EXPECT_FALSE(seen.has(FeedState::backing_off));
    }

    std::string asked;  ///< of the proxy
};

TEST_F(ProxyTest, ConnectTunnelsToTheVenueByName) {
    serve_by(Proxy::Kind::http, [this](Peer& peer, int) -> net::awaitable<void> {
        asked = co_await peer.read_head();
        co_await peer.send("HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n");
        co_await deliver_all(peer);
    });
    log_in_as("desk", "pass word");
    expect_live();
    EXPECT_EQ(asked,
              "CONNECT venue.example:9443 HTTP/1.1\r\nHost: venue.example:9443\r\n"
              "Proxy-Authorization: Basic ZGVzazpwYXNzIHdvcmQ=\r\n\r\n");
}

TEST_F(ProxyTest, ARefusedConnectSaysTheStatus) {
    serve_by(Proxy::Kind::http, [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
        co_await peer.hold();
    });
    expect_refusal("proxy: CONNECT refused, status 407");
}

TEST_F(ProxyTest, AnythingElseIsNoProxy) {
    serve_by(Proxy::Kind::http, [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send("220 mail.example ESMTP\r\n\r\n");
        co_await peer.hold();
    });
    expect_refusal("proxy: not an HTTP proxy");
}

TEST_F(ProxyTest, DataThatNobodyAskedForIsRefused) {
    serve_by(Proxy::Kind::http, [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send("HTTP/1.1 200 OK\r\n\r\nhello");
        co_await peer.hold();
    });
    expect_refusal("proxy: unexpected data");
}

TEST_F(ProxyTest, AnEndlessHeadIsCut) {
    serve_by(Proxy::Kind::http, [](Peer& peer, int) -> net::awaitable<void> {
        for (;;) co_await peer.send("X-Filler: 0123456789012345678901234567890123456789\r\n");
    });
    expect_refusal("proxy: ");
}

TEST_F(ProxyTest, ASilentProxyTimesOut) {
    limits.connect.proxy = Duration{20};
    serve_by(Proxy::Kind::http, [](Peer& peer, int) { return peer.hold(); });
    expect_refusal("proxy: timed out");
}

TEST_F(ProxyTest, ADeadProxyIsNamed) {
    serve_by(Proxy::Kind::http, [](Peer& peer, int) { return peer.hold(); });
    servers.front()->stop();
    expect_refusal("proxy: connection: Connection refused");
}

TEST_F(ProxyTest, SocksTunnelsToTheVenueByName) {
    serve_by(Proxy::Kind::socks5, [this](Peer& peer, int) -> net::awaitable<void> {
        asked = co_await peer.read_bytes(3);
        co_await peer.send("\x05\x00"s);
        asked += co_await peer.read_bytes(20);
        co_await peer.send("\x05\x00\x00\x03\x05proxy\x12\x34"s);
        co_await deliver_all(peer);
    });
    expect_live();
    EXPECT_EQ(asked, "\x05\x01\x00"s + "\x05\x01\x00\x03\x0dvenue.example\x24\xe3"s);
}

TEST_F(ProxyTest, SocksTakesAnAddressAsAnAddress) {
    serve_by(Proxy::Kind::socks5, [this](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_bytes(3);
        co_await peer.send("\x05\x00"s);
        asked = co_await peer.read_bytes(10);
        co_await peer.send("\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"s);
        co_await deliver_all(peer);
    });
    endpoints.front().host = "192.0.2.7";
    expect_live();
    EXPECT_EQ(asked, "\x05\x01\x00\x01\xc0\x00\x02\x07\x24\xe3"s);
}

TEST_F(ProxyTest, SocksLogsIn) {
    serve_by(Proxy::Kind::socks5, [this](Peer& peer, int) -> net::awaitable<void> {
        asked = co_await peer.read_bytes(4);
        co_await peer.send("\x05\x02"s);
        asked += co_await peer.read_bytes(11);
        co_await peer.send("\x01\x00"s);
        co_await peer.read_bytes(20);
        co_await peer.send("\x05\x00\x00\x04"s + std::string(18, '\0'));
        co_await deliver_all(peer);
    });
    log_in_as("desk", "word");
    expect_live();
    EXPECT_EQ(asked, "\x05\x02\x00\x02"s +
                         "\x01\x04"
                         "desk\x04word"s);
}

struct SocksRefusal {
    std::string answers;
    std::string_view reason;
};

class SocksRefusalTest : public ProxyTest, public ::testing::WithParamInterface<SocksRefusal> {};

TEST_P(SocksRefusalTest, SaysTheReason) {
    serve_by(Proxy::Kind::socks5, [](Peer& peer, int) -> net::awaitable<void> {
        const std::string answers = GetParam().answers;
        co_await peer.send(answers);
        co_await peer.hold();
    });
    expect_refusal(GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(
    Each, SocksRefusalTest,
    ::testing::Values(SocksRefusal{"HT", "proxy: not a SOCKS5 proxy"},
                      SocksRefusal{"\x05\xff"s, "proxy: the proxy requires another login"},
                      SocksRefusal{"\x05\x02"s, "proxy: the proxy requires another login"},
                      SocksRefusal{"\x05\x00\x05\x02\x00\x01"s, "connection not allowed"},
                      SocksRefusal{"\x05\x00\x05\x04\x00\x01"s, "host unreachable"},
                      SocksRefusal{"\x05\x00\x05\x05\x00\x01"s, "connection refused"},
                      SocksRefusal{"\x05\x00\x05\x63\x00\x01"s, "SOCKS error 99"},
                      SocksRefusal{"\x05\x00\x05\x00\x00\x07"s, "malformed SOCKS reply"}));

TEST_F(ProxyTest, SocksSaysThatTheLoginIsWrong) {
    serve_by(Proxy::Kind::socks5, [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send("\x05\x02\x01\x01"s);
        co_await peer.hold();
    });
    log_in_as("desk", "wrong");
    expect_refusal("proxy: wrong user name or password");
}

}  // namespace
}  // namespace kurs::testing
