// Every cause that ends a connection, and the feed's reaction.
#include "support/certificate.hpp"
#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

Script refuse_with(std::string answer) {
    return [answer](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send(answer);
        co_await peer.hold();
    };
}

Script upgrade_and_send(std::vector<std::string> texts) {
    return [texts](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (const auto& text : texts) co_await peer.send_text(text);
        co_await peer.hold();
    };
}

TEST_F(StreamFeedTest, ReportsTheStatusOfARefusedUpgrade) {
    serve(refuse_with("HTTP/1.1 451 Unavailable\r\nContent-Length: 2\r\n\r\n{}"));
    start();
    until([&] { return seen.has(FeedState::backing_off, "refused by region (451)"); });
}

TEST_F(StreamFeedTest, HonoursRetryAfterOfARefusedUpgrade) {
    LoopbackServer& crowded =
        serve(refuse_with("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"));
    LoopbackServer& closing = serve([](Peer& peer, int) -> net::awaitable<void> { co_await peer.upgrade(); });
    start();
    until([&] { return closing.connections() >= 3; });
    EXPECT_TRUE(seen.has(FeedState::backing_off, "rate-limited (429), retry after 7 s"));
    EXPECT_EQ(crowded.connections(), 1);
}

TEST_F(StreamFeedTest, ReadsTheStatusOfARefusalWithALongBody) {
    const std::string page(20'000, 'x');
    serve(refuse_with("HTTP/1.1 403 Forbidden\r\nContent-Length: 20000\r\n\r\n" + page));
    start();
    until([&] { return seen.has(FeedState::backing_off, "refused by the venue's firewall (403)"); });
}

constexpr auto early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

TEST_F(StreamFeedTest, SkipsInterimResponsesBeforeTheUpgrade) {
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send(early_hints);
        co_await peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        co_await peer.send("HTTP/1.1 102 Processing\r\nX: " + std::string(5'000, 'x') + "\r\n\r\n");
        co_await deliver_all(peer);
    });
    start();
    until([&] { return seen.has(FeedState::live); });
    EXPECT_FALSE(seen.has(FeedState::backing_off));
}

TEST_F(StreamFeedTest, SkipsInterimResponsesOverTls) {
    const Certificate certificate = make_certificate();
    context.emplace(make_server_context(certificate));
    const TemporaryFile authorities(certificate.certificate_pem);
    trust = TlsTrust::load(authorities.path()).value();
    const auto hint_first = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send(early_hints);
        co_await deliver_all(peer);
    };
    serve(hint_first, &*context);
    start();
    until([&] { return seen.has(FeedState::live); });
}

TEST_F(StreamFeedTest, ReadsTheStatusOfARefusalAfterAnInterimResponse) {
    serve(refuse_with(std::string(early_hints) + "HTTP/1.1 451 Unavailable\r\nContent-Length: 2\r\n\r\n{}"));
    start();
    until([&] { return seen.has(FeedState::backing_off, "refused by region (451)"); });
}

TEST_F(StreamFeedTest, TimesOutOnEndlessInterimResponses) {
    limits.connect.upgrade = 20ms;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        for (;;) co_await peer.send(early_hints);
    });
    start();
    until([&] { return seen.has(FeedState::backing_off, "upgrade: timed out"); });
}

TEST_F(StreamFeedTest, ARefusedUpgradeWithoutAUsableRetryAfterRests) {
    for (const char* term : {"0", "Sat, 21 Nov 2015 07:28:00 GMT", "soon"}) {
        serve(refuse_with("HTTP/1.1 429 Too Many\r\nRetry-After: " + std::string(term) +
                          "\r\nContent-Length: 0\r\n\r\n"));
    }
    LoopbackServer& closing = serve([](Peer& peer, int) -> net::awaitable<void> { co_await peer.upgrade(); });
    start();
    until([&] { return closing.connections() >= 3; });
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(servers[i]->connections(), 1);
}

TEST_F(StreamFeedTest, TimesOutOnAnUpgrade) {
    limits.connect.upgrade = 20ms;
    serve([](Peer& peer, int) { return peer.hold(); });
    start();
    until([&] { return seen.has(FeedState::backing_off, "upgrade: timed out"); });
}

TEST_F(StreamFeedTest, RefusesAnotherProtocol) {
    serve(refuse_with("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    start();
    until([&] { return seen.has(FeedState::backing_off, "upgrade: "); });
}

TEST_F(StreamFeedTest, EndsAConnectionOnAnOversizedMessage) {
    limits.message_max = 1'000;
    serve(upgrade_and_send({std::string(1'001, 'x')}));
    start();
    until([&] { return seen.has(FeedState::backing_off, "oversized message"); });
    ASSERT_EQ(seen.refusals.size(), 1u);
    EXPECT_EQ(seen.refusals.front().reason, errc::oversized);
}

TEST_F(StreamFeedTest, EndsAConnectionOnAProtocolError) {
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send("\x8f\x05hello");
        co_await peer.hold();
    });
    start();
    until([&] { return seen.has(FeedState::backing_off, "WebSocket protocol error"); });
}

TEST_F(StreamFeedTest, EndsAConnectionWithoutFirstData) {
    limits.first_data = 20ms;
    map = make_map(10ms);
    serve(upgrade_and_send({}));
    start();
    until([&] { return seen.has(FeedState::backing_off, "no symbol delivers data"); });
}

TEST_F(StreamFeedTest, EndsASilentConnection) {
    map = make_map(40ms);
    serve(upgrade_and_send({"tick 0", "tick 1"}));
    start();
    until([&] {
        return seen.has(FeedState::live) && seen.has(FeedState::backing_off, "no symbol delivers data");
    });
}

TEST_F(StreamFeedTest, PingsAreNotData) {
    limits.idle = 500ms;
    map = make_map(1s);
    limits.first_data = 600ms;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (;;) {
            co_await peer.send_frame(9, "");
            co_await sleep_for(10ms);
        }
    });
    start();
    until([&] { return seen.has(FeedState::backing_off, "no symbol delivers data"); });
}

TEST_F(StreamFeedTest, EndsAConnectionWithoutFrames) {
    limits.idle = 20ms;
    serve(upgrade_and_send({"tick 0", "tick 1"}));
    start();
    until([&] { return seen.has(FeedState::backing_off, "no frames received"); });
}

// One symbol delivers, the other does not: the connection is replaced once at once, then kept.
TEST_F(StreamFeedTest, ReplacesAPartlySilentConnectionOnceAndThenKeepsIt) {
    map = make_map(500ms);
    limits.first_data = 500ms;
    LoopbackServer& server = serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (;;) {
            co_await peer.send_text("tick 0");
            co_await sleep_for(5ms);
        }
    });
    start();
    until([&] { return seen.count(FeedState::stale) == 2 && seen.ticks.size() > 60; });
    EXPECT_TRUE(seen.has(FeedState::stale, "silent: ETHUSDT"));
    EXPECT_FALSE(seen.has(FeedState::backing_off));
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(StreamFeedTest, IsLiveAgainWhenTheSilentSymbolDelivers) {
    map = make_map(500ms);
    limits.replacement.first = 1h;
    serve([&](Peer& peer, int connection) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (;;) {
            co_await peer.send_text("tick 0");
            if (connection == 2 && seen.count(FeedState::stale) == 2) co_await peer.send_text("tick 1");
            co_await sleep_for(5ms);
        }
    });
    limits.first_data = 500ms;
    start();
    until([&] { return seen.has(FeedState::live); });
    EXPECT_EQ(seen.count(FeedState::stale), 2u);
}

TEST_F(StreamFeedTest, SwitchesToTheNextEndpointAtOnceOnAFarewell) {
    limits.reconnect.backoff = {1h, 1h};
    serve(upgrade_and_send({"tick 0", "tick 1", "bye"}));
    LoopbackServer& good = serve([](Peer& peer, int) { return deliver_all(peer); });
    start();
    until([&] { return seen.has(FeedState::live, to_string(good.endpoint())); });
    EXPECT_FALSE(seen.has(FeedState::backing_off));
}

TEST_F(StreamFeedTest, RestsAfterAPermanentFarewell) {
    LoopbackServer& server = serve(upgrade_and_send({"never"}));
    start();
    until([&] { return seen.has(FeedState::backing_off, "unauthorized"); });
    EXPECT_EQ(server.connections(), 1);
}

TEST_F(StreamFeedTest, RotatesBeforeTheVenueDisconnects) {
    limits.rotate_after = 30ms;
    limits.rotate_spread = 10ms;
    limits.reconnect.backoff = {1h, 1h};
    LoopbackServer& server = serve([](Peer& peer, int) { return deliver_all(peer); });
    start();
    until([&] { return server.connections() == 3 && seen.count(FeedState::live) == 3; });
    EXPECT_FALSE(seen.has(FeedState::backing_off));
}

TEST_F(StreamFeedTest, WaitsWithAPlannedReplacementUntilItIsSpare) {
    is_spare = false;
    limits.rotate_after = 1ms;
    limits.rotate_spread = 0ms;
    LoopbackServer& server = serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (const auto* word : {"tick 0", "tick 1", "soon", "tick 0", "bad"}) co_await peer.send_text(word);
        co_await peer.hold();
    });
    start();
    until([&] { return !seen.refusals.empty(); });
    EXPECT_EQ(server.connections(), 1);
    is_spare = true;
    until([&] { return server.connections() == 2; });
    EXPECT_TRUE(seen.has(FeedState::connecting, "serverShutdown"));
}

// A cancellation between two steps of Beast, here while it answers a ping, must not leave the connection
// hanging.
TEST_F(StreamFeedTest, ReplacesItsConnectionInAFloodOfPings) {
    limits.rotate_after = 3ms;
    limits.rotate_spread = 0ms;
    limits.watch_every = 1ms;
    limits.reconnect.most_attempts = 1'000;
    LoopbackServer& server = serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        for (;;) co_await peer.send_frame(9, "payload");
    });
    start();
    until([&] { return server.connections() == 200; });
}

// The test blocks the loop, as in a frozen process. Data sent meanwhile must not be accepted.
TEST_F(StreamFeedTest, DropsDataBufferedDuringAStall) {
    limits.stall = 100ms;
    serve(upgrade_and_send({"tick 0", "tick 1", "tick 1", "tick 1"}));
    FeedEvents events = seen.events();
    const auto note = events.on_outcome;
    events.on_outcome = [&, note](const Outcome& outcome, TimePoint at) {
        note(outcome, at);
        const TimePoint thaw = clock.now() + 150ms;
        while (clock.now() < thaw) continue;
    };
    StreamFeed feed{"words", endpoints, venue, map, clock, trust, events, limits};
    tasks.spawn("feed words", run_stream_feed(std::move(feed)));
    until([&] { return seen.has(FeedState::backing_off, "event loop stalled"); });
    EXPECT_EQ(seen.ticks.size(), 1u);
}

TEST_F(StreamFeedTest, EndsAConnectionWhoseSessionSendsTooMuch) {
    limits.unsent_max = 2;
    venue.opening = {"1", "2", "3"};
    serve(upgrade_and_send({}));
    start();
    until([&] { return seen.has(FeedState::backing_off, "more to send than the venue allows"); });
}

}  // namespace
}  // namespace kurs::testing
