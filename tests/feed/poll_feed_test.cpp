#include "kurs/feed/poll_feed.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "support/certificate.hpp"
#include "support/fakes.hpp"
#include "support/loopback_server.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;

/// A poll feed with limits of milliseconds. At the end of each test it is stopped, and the loop must finish.
class PollFeedTest : public ::testing::Test {
protected:
    PollFeedTest() {
        limits.check_every = 2ms;
        limits.body_max = 1'000;
    }

    LoopbackServer& serve(Script script, net::ssl::context* tls = nullptr) {
        server.emplace(loop, std::move(script), tls);
        endpoint = server->endpoint();
        endpoint.path = "/api/v3";
        return *server;
    }

    LoopbackServer& answer(std::string answer) {
        return serve([answer](Peer& peer, int) -> net::awaitable<void> {
            co_await peer.read_head();
            co_await peer.send(answer);
        });
    }

    void start() {
        const auto needed = [this] { return is_needed; };
        PollFeed feed{"words", endpoint, session, clock, trust, seen.events(), needed, limits};
        tasks.spawn("feed words", run_poll_feed(std::move(feed)));
    }

    void until(const std::function<bool()>& condition) { run_until(loop, condition); }

    void TearDown() override {
        net::post(loop, [this] {
            tasks.stop();
            if (server) server->stop();
        });
        run_out(loop);
        EXPECT_TRUE(tasks.is_empty());
    }

    net::io_context loop;
    TaskGroup tasks{loop.get_executor()};
    std::optional<net::ssl::context> context;
    std::optional<LoopbackServer> server;
    Endpoint endpoint;
    WordPoll session;
    Clock clock;
    TlsTrust trust = TlsTrust::load("").value();
    PollLimits limits;
    Seen seen;
    bool is_needed = true;
};

const std::string good = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

TEST_F(PollFeedTest, DeliversTheContentOfAResponse) {
    answer(good);
    start();
    until([&] { return seen.ticks.size() >= 3; });
    EXPECT_EQ(session.responses.front().body, "{}");
    EXPECT_EQ(session.responses.front().header("content-type"), "application/json");
    ASSERT_EQ(seen.states.size(), 2u);
    EXPECT_EQ(seen.states.front().first, FeedState::connecting);
    EXPECT_EQ(seen.states.back().first, FeedState::live);
}

TEST_F(PollFeedTest, WaitsForTheEndOfAResponseWithoutContent) {
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        for (const std::string part :
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "\r", "\n"}) {
            co_await peer.send(part);
            for (int turn = 0; turn < 20; ++turn)
                co_await net::post(net::use_awaitable);  // the feed reads it
        }
    });
    start();
    until([&] { return seen.ticks.size() >= 3; });
    EXPECT_EQ(session.responses.front().body, "");
}

TEST_F(PollFeedTest, SendsAPlainRequestWithItsUserAgent) {
    std::string head;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        head = peer.head();
    });
    start();
    until([&] { return !head.empty(); });
    EXPECT_EQ(head.find("GET /api/v3/simple/price?key=secret HTTP/1.1\r\n"), 0u);
    for (const char* line :
         {"Connection: close", "Accept-Encoding: identity", "User-Agent: kurs", "X-Key: secret"}) {
        EXPECT_NE(head.find("\r\n" + std::string(line) + "\r\n"), std::string::npos) << line;
    }
}

TEST_F(PollFeedTest, AsksForASlashAtLeast) {
    std::string head;
    serve([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        head = peer.head();
    });
    endpoint.path = "";
    session.target = "";
    start();
    until([&] { return !head.empty(); });
    EXPECT_EQ(head.find("GET / HTTP/1.1\r\n"), 0u);
}

TEST_F(PollFeedTest, PollsOverTls) {
    const Certificate certificate = make_certificate();
    context.emplace(make_server_context(certificate));
    const TemporaryFile authorities(certificate.certificate_pem);
    trust = TlsTrust::load(authorities.path()).value();
    serve(
        [](Peer& peer, int) -> net::awaitable<void> {
            co_await peer.read_head();
            co_await peer.send(good);
        },
        &*context);
    start();
    until([&] { return !seen.ticks.empty(); });
}

TEST_F(PollFeedTest, AnUntrustedCertificateIsReported) {
    context.emplace(make_server_context(make_certificate()));
    serve([](Peer& peer, int) { return peer.hold(); }, &*context);
    start();
    until([&] { return !seen.failures.empty(); });
    EXPECT_EQ(seen.failures.front(), FeedFailure::certificate);
}

TEST_F(PollFeedTest, PollsAStandbyOnlyWhenNeeded) {
    is_needed = false;
    LoopbackServer& polled = answer(good);
    start();
    loop.run_for(20ms);
    EXPECT_EQ(polled.connections(), 0);
    is_needed = true;
    until([&] { return !seen.ticks.empty(); });
}

TEST_F(PollFeedTest, PassesAStatusToTheSession) {
    answer("HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n");
    start();
    until([&] { return seen.has(FeedState::backing_off, "rate-limited (429), retry after 7 s"); });
    EXPECT_EQ(session.responses.front().status, 429);
    EXPECT_EQ(session.responses.front().header("Retry-After"), "7");
    EXPECT_EQ(seen.failures.front(), FeedFailure::too_many_requests);
    EXPECT_EQ(session.failures, 0);
}

TEST_F(PollFeedTest, DoesNotFollowRedirects) {
    answer("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    start();
    until([&] { return seen.has(FeedState::backing_off, "refused (302)"); });
    EXPECT_EQ(session.responses.front().status, 302);
}

const std::string early_hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

TEST_F(PollFeedTest, SkipsInterimResponses) {
    const std::vector<std::string> interim{early_hints, early_hints + early_hints,
                                           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"};
    serve([interim](Peer& peer, int connection) -> net::awaitable<void> {
        const std::string& first = interim[static_cast<std::size_t>(connection) % interim.size()];
        co_await peer.read_head();
        co_await peer.send(first);
        co_await peer.send(good);
    });
    start();
    until([&] { return seen.ticks.size() >= interim.size(); });
    EXPECT_FALSE(seen.has(FeedState::backing_off));
    for (const auto& response : session.responses) {
        EXPECT_EQ(response.body, "{}");
        EXPECT_TRUE(response.header("link").empty());
    }
}

TEST_F(PollFeedTest, AcceptsTokensInAnyCase) {
    answer(
        "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\ncontent-encoding: "
        "Identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
    start();
    until([&] { return !seen.ticks.empty(); });
    EXPECT_EQ(session.responses.front().body, "{}");
}

struct UnusableAnswer {
    const char* name;
    std::string answer;
    const char* reason;
    FeedFailure kind = FeedFailure::closed;
};

void PrintTo(const UnusableAnswer& answer, std::ostream* out) {
    *out << answer.name;
}

class UnusableAnswerTest : public PollFeedTest, public ::testing::WithParamInterface<UnusableAnswer> {};

TEST_P(UnusableAnswerTest, IsAFailureAndNoResponse) {
    answer(GetParam().answer);
    start();
    until([&] { return session.failures >= 2; });
    EXPECT_TRUE(seen.has(FeedState::backing_off, GetParam().reason)) << seen.states.back().second;
    EXPECT_EQ(seen.count(FeedState::backing_off), 1u);
    EXPECT_TRUE(session.responses.empty());
    EXPECT_TRUE(seen.ticks.empty());
    ASSERT_GE(seen.failures.size(), 2u);
    EXPECT_EQ(seen.failures.front(), GetParam().kind);
}

const std::string large(2'000, 'x');

const UnusableAnswer unusable_answers[] = {
    {"CutBody", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"cut\":", "response truncated"},
    {"CutChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"cut", "response truncated"},
    {"Nothing", "", "connection closed without a response"},
    {"OnlyAnInterimAnswer", early_hints, "connection closed without a response"},
    {"LargeBody", "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + large, "response body too large",
     FeedFailure::protocol},
    {"EndlessBody", "HTTP/1.1 200 OK\r\n\r\n" + large, "response body too large", FeedFailure::protocol},
    {"LargeHeader", "HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
     "response header too large", FeedFailure::protocol},
    {"Encoded", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
     "content encoding", FeedFailure::protocol},
    {"NotHttp", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "cannot read the response", FeedFailure::protocol},
};

INSTANTIATE_TEST_SUITE_P(Each, UnusableAnswerTest, ::testing::ValuesIn(unusable_answers),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(PollFeedTest, CountsAnOversizedResponseAsARefusal) {
    answer("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + large);
    start();
    until([&] { return !seen.refusals.empty(); });
    EXPECT_EQ(seen.refusals.front().reason, errc::oversized);
}

TEST_F(PollFeedTest, TimesOutOnAResponseThatNeverEnds) {
    limits.answer = 20ms;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        co_await peer.hold();
    });
    start();
    until([&] { return seen.has(FeedState::backing_off, "response timed out"); });
    EXPECT_EQ(seen.failures, std::vector{FeedFailure::silent});
    EXPECT_EQ(session.failures, 1);
}

TEST_F(PollFeedTest, TimesOutOnEndlessInterimResponses) {
    limits.answer = 20ms;
    serve([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_head();
        for (;;) co_await peer.send(early_hints);
    });
    start();
    until([&] { return seen.has(FeedState::backing_off, "response timed out"); });
}

TEST_F(PollFeedTest, IsLiveAgainAfterFailures) {
    serve([](Peer& peer, int connection) -> net::awaitable<void> {
        co_await peer.read_head();
        if (connection > 3) co_await peer.send(good);
    });
    start();
    until([&] { return seen.has(FeedState::live); });
    EXPECT_EQ(session.failures, 3);
    EXPECT_EQ(seen.count(FeedState::backing_off), 1u);
}

TEST_F(PollFeedTest, StopsWhileWaitingForAResponse) {
    LoopbackServer& silent = serve([](Peer& peer, int) { return peer.hold(); });
    start();
    until([&] { return silent.connections() == 1; });
}

TEST_F(PollFeedTest, StopsDuringTheTlsHandshake) {
    LoopbackServer& silent = serve([](Peer& peer, int) { return peer.hold(); });
    endpoint.tls = true;
    start();
    until([&] { return silent.connections() == 1; });
}

}  // namespace
}  // namespace kurs::testing
