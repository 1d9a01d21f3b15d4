#pragma once

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "kurs/feed/stream_feed.hpp"
#include "kurs/runtime/task_group.hpp"
#include "support/fakes.hpp"
#include "support/loopback_server.hpp"

namespace kurs::testing {

using namespace std::chrono_literals;

/// A stream feed with limits of milliseconds. At the end of each test it is stopped, and the loop must
/// finish.
class StreamFeedTest : public ::testing::Test {
protected:
    StreamFeedTest() {
        limits.reconnect.backoff = {2ms, 10ms};
        limits.watch_every = 5ms;
        limits.stall = 5s;
    }

    LoopbackServer& serve(Script script, net::ssl::context* tls = nullptr) {
        servers.push_back(std::make_unique<LoopbackServer>(loop, std::move(script), tls));
        endpoints.push_back(servers.back()->endpoint());
        return *servers.back();
    }

    void start() {
        StreamFeed feed{"words", endpoints, venue, map, clock, trust, seen.events(), limits};
        feed.proxy = proxy;
        feed.is_spare = [this] { return is_spare; };
        tasks.spawn("feed words", run_stream_feed(std::move(feed)));
    }

    void until(const std::function<bool()>& condition) { run_until(loop, condition); }

    void TearDown() override {
        net::post(loop, [this] {
            tasks.stop();
            for (auto& server : servers) server->stop();
        });
        run_out(loop);
        EXPECT_TRUE(tasks.is_empty());
    }

    net::io_context loop;
    TaskGroup tasks{loop.get_executor()};
    std::optional<net::ssl::context> context;  // of a server with TLS
    std::vector<std::unique_ptr<LoopbackServer>> servers;
    std::vector<Endpoint> endpoints;
    std::optional<Proxy> proxy;
    bool is_spare = true;
    WordVenue venue;
    MarketMap map = make_map(60s);
    Clock clock;
    TlsTrust trust = TlsTrust::load("").value();
    StreamLimits limits;
    Seen seen;
};

/// Upgrades, delivers both symbols and keeps the connection open.
inline net::awaitable<void> deliver_all(Peer& peer) {
    co_await peer.upgrade();
    co_await peer.send_text("tick 0");
    co_await peer.send_text("tick 1");
    co_await peer.hold();
}

}  // namespace kurs::testing
