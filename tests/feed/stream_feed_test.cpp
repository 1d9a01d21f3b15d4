#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "support/stream_fixture.hpp"

namespace kurs::testing {
namespace {

/// Captures the log during its lifetime.
class LogCapture {
public:
    LogCapture() : before_(spdlog::default_logger()) {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        auto logger = std::make_shared<spdlog::logger>("captured", sink);
        logger->set_level(spdlog::level::trace);
        spdlog::set_default_logger(logger);
    }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;
    ~LogCapture() { spdlog::set_default_logger(before_); }

    bool has(const std::string& part) const { return text_.str().find(part) != std::string::npos; }

private:
    std::shared_ptr<spdlog::logger> before_;
    std::ostringstream text_;
};

TEST_F(StreamFeedTest, IsLiveWhenEverySymbolHasDelivered) {
    serve([](Peer& peer, int) { return deliver_all(peer); });
    start();
    until([&] { return seen.has(FeedState::live); });
    EXPECT_EQ(seen.ticks.size(), 2u);
    EXPECT_EQ(seen.states.size(), 2u);
    EXPECT_EQ(seen.states.front().first, FeedState::connecting);
}

TEST_F(StreamFeedTest, RequestsTheSessionsTargetWithItsHeaders) {
    std::string head;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        head = peer.head();
        co_await peer.hold();
    });
    endpoints.front().path = "/base";
    start();
    until([&] { return !head.empty(); });
    EXPECT_EQ(head.find("GET /base/stream?key=secret HTTP/1.1\r\n"), 0u);
    EXPECT_NE(head.find("\r\nHost: 127.0.0.1:" + std::to_string(endpoints.front().port) + "\r\n"),
              std::string::npos);
    EXPECT_NE(head.find("\r\nX-Key: secret\r\n"), std::string::npos);
    EXPECT_NE(head.find("\r\nUser-Agent: kurs\r\n"), std::string::npos);
    EXPECT_EQ(head.find("Sec-WebSocket-Extensions"), std::string::npos);
}

TEST_F(StreamFeedTest, SendsOpeningFramesAndRepliesInOrder) {
    venue.opening = {"subscribe", "tokens"};
    std::vector<std::string> received;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_text("first");
        co_await peer.send_frame(2, "second");  // binary frames are accepted like text
        while (received.size() < 4) {
            const auto frame = co_await peer.read_frame();
            received.push_back(frame.payload);
        }
        co_await peer.hold();
    });
    start();
    until([&] { return received.size() == 4; });
    EXPECT_EQ(received, (std::vector<std::string>{"subscribe", "tokens", "first", "second"}));
}

TEST_F(StreamFeedTest, TakesWhatTheTimeBringsWithoutAFrame) {
    std::string received;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        const auto frame = co_await peer.read_frame();
        received = frame.payload;
        co_await peer.hold();
    });
    int calls = 0;
    venue.on_time = [&calls](TimePoint now) {
        Outcome outcome;
        ++calls;
        if (calls == 1) outcome.replies.emplace_back("ping");
        if (calls == 2) outcome.ticks = {make_tick(SymbolId{0}, now), make_tick(SymbolId{1}, now)};
        if (calls == 3) outcome.refusals.push_back({errc::malformed, "BTCUSDT"});
        return outcome;
    };
    start();
    until([&] { return !received.empty() && seen.has(FeedState::live) && !seen.refusals.empty(); });
    EXPECT_EQ(received, "ping");
    EXPECT_EQ(seen.ticks.size(), 2u);
    EXPECT_EQ(venue.sessions, 1);
}

TEST_F(StreamFeedTest, AFarewellThatTheTimeBringsEndsTheConnection) {
    LoopbackServer& server = serve([](Peer& peer, int) { return deliver_all(peer); });
    venue.on_time = [this](TimePoint) {
        Outcome outcome;
        if (venue.sessions == 1) outcome.farewell = Farewell{"the symbols changed", false};
        return outcome;
    };
    start();
    until([&] { return server.connections() == 2 && seen.has(FeedState::live); });
    EXPECT_TRUE(seen.has(FeedState::backing_off, "the symbols changed") ||
                seen.has(FeedState::connecting, "the symbols changed"));
}

TEST_F(StreamFeedTest, SendsFourMessagesASecondPongsIncluded) {
    venue.opening = {"1", "2", "3", "4"};
    std::vector<WebsocketFrame> received;
    std::optional<TimePoint> first_at, fifth_at;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_frame(9, "payload");
        for (;;) {
            const auto frame = co_await peer.read_frame();
            received.push_back(frame);
            if (!first_at) first_at = clock.now();
            if (received.size() == 6) fifth_at = clock.now();
            if (received.size() == 4) co_await peer.send_text("late");
        }
    });
    start();
    until([&] { return fifth_at.has_value(); });
    EXPECT_GE(*fifth_at - *first_at, 900ms);
    const auto is_pong = [](const auto& frame) { return frame.opcode == 10 && frame.payload == "payload"; };
    EXPECT_TRUE(std::ranges::any_of(received, is_pong));
}

TEST_F(StreamFeedTest, ReconnectsOnTheNextEndpointAfterAClose) {
    LoopbackServer& closing = serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_close(1001, "going away");
        co_await peer.hold();
    });
    LoopbackServer& good = serve([](Peer& peer, int) { return deliver_all(peer); });
    start();
    until([&] { return seen.has(FeedState::live, to_string(good.endpoint())); });
    EXPECT_TRUE(seen.has(FeedState::backing_off, "closed by the venue (1001 going away)"));
    EXPECT_EQ(closing.connections(), 1);
    EXPECT_EQ(venue.sessions, 2);
}

TEST_F(StreamFeedTest, CountsBadFramesAndContinues) {
    const LogCapture log;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_text("bad");
        co_await peer.send_text("tick 0");
        co_await peer.send_text("tick 1");
        co_await peer.hold();
    });
    start();
    until([&] { return seen.has(FeedState::live); });
    ASSERT_EQ(seen.refusals.size(), 1u);
    EXPECT_TRUE(log.has("feed words refused 1 value: malformed 1 (last: BTCUSDT)"));
}

TEST_F(StreamFeedTest, LogsItsStatesWithoutSecrets) {
    const LogCapture log;
    LoopbackServer& server = serve([](Peer& peer, int connection) -> net::awaitable<void> {
        if (connection == 1) co_return;
        co_await peer.upgrade();
        co_await peer.send_text("tick 0");
        co_await peer.send_text("tick 1");
    });
    endpoints.front().path = "/hidden";
    start();
    until([&] { return log.has("feed words lost: connection lost"); });
    const std::string where = to_string(server.endpoint());
    EXPECT_TRUE(log.has("feed words cannot connect to " + where + ": upgrade: "));
    EXPECT_TRUE(log.has("feed words live on " + where + " after 2 attempts"));
    EXPECT_FALSE(log.has("secret"));
    EXPECT_FALSE(log.has("hidden"));
}

TEST_F(StreamFeedTest, RethrowsABugInTheSession) {
    const LogCapture log;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.upgrade();
        co_await peer.send_text("bug");
        co_await peer.hold();
    });
    start();
    until([&] { return tasks.is_empty(); });
    EXPECT_TRUE(log.has("task feed words failed: a bug in the session"));
}

}  // namespace
}  // namespace kurs::testing
