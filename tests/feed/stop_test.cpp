// A stopped feed ends at once in every state. TearDown stops the feed and fails if the loop does not finish
// within two seconds.
#include "support/stream_fixture.hpp"

#include "support/certificate.hpp"

namespace kurs::testing {
namespace {

using StopTest = StreamFeedTest;

TEST_F(StopTest, BeforeTheStart) {
    serve([](Peer& peer, int) { return peer.hold(); });
    start();
}

// A listener with a full backlog: Linux drops further connection requests, so the client hangs in connect.
TEST_F(StopTest, InConnect) {
    net::ip::tcp::acceptor deaf(loop);
    const net::ip::tcp::endpoint any_port(net::ip::address_v4::loopback(), 0);
    deaf.open(any_port.protocol());
    deaf.bind(any_port);
    deaf.listen(0);
    std::vector<std::unique_ptr<net::ip::tcp::socket>> crowd;
    for (int i = 0; i < 4; ++i) {
        crowd.push_back(std::make_unique<net::ip::tcp::socket>(loop));
        crowd.back()->async_connect(deaf.local_endpoint(), [](boost::system::error_code) {});
    }
    loop.poll();
    endpoints = {{false, "127.0.0.1", deaf.local_endpoint().port(), ""}};
    start();
    loop.run_for(20ms);
    EXPECT_EQ(seen.states.size(), 1u);
    EXPECT_FALSE(tasks.is_empty());
    for (auto& socket : crowd) socket->close();
}

TEST_F(StopTest, InTheTlsHandshake) {
    LoopbackServer& silent = serve([](Peer& peer, int) { return peer.hold(); });
    endpoints.front().tls = true;
    start();
    until([&] { return silent.connections() == 1; });
}

TEST_F(StopTest, InTheUpgrade) {
    bool asked = false;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        asked = true;
        co_await peer.hold();
    });
    start();
    until([&] { return asked; });
}

TEST_F(StopTest, InRead) {
    serve([](Peer& peer, int) { return deliver_all(peer); });
    start();
    until([&] { return seen.has(FeedState::live); });
}

TEST_F(StopTest, InReadOverTls) {
    const Certificate certificate = make_certificate();
    const TemporaryFile authorities(certificate.certificate_pem);
    trust = TlsTrust::load(authorities.path()).value();
    context.emplace(make_server_context(certificate));
    serve([](Peer& peer, int) { return deliver_all(peer); }, &*context);
    start();
    until([&] { return seen.has(FeedState::live); });
}

TEST_F(StopTest, InWrite) {
    venue.opening = {std::string(32u << 20, 'x')};
    bool upgraded = false;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        upgraded = true;
        co_await peer.neglect();
    });
    start();
    until([&] { return upgraded; });
    loop.run_for(20ms);
}

TEST_F(StopTest, BetweenAttempts) {
    limits.reconnect.backoff = {1h, 1h};
    serve([](Peer&, int) -> net::awaitable<void> { co_return; });
    start();
    until([&] { return seen.has(FeedState::backing_off); });
}

}  // namespace
}  // namespace kurs::testing
