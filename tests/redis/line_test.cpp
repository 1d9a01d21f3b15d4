#include "redis/line.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <optional>

#include "support/run.hpp"
#include "support/scripted_redis.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using redis::Address;
using redis::Line;
using redis::RedisLimits;
using Words = redis::Connection::Words;

net::awaitable<void> obey(Peer& peer, int) {
    for (;;) {
        const auto command = co_await peer.read_command();
        co_await peer.send(command == "PING" ? "+PONG\r\n" : "+OK\r\n");
    }
}

class LineTest : public ::testing::Test {
protected:
    void open(Script script, RedisLimits limits = {}) {
        server.emplace(loop, std::move(script));
        open(server->address(), limits);
    }
    void open(const log_result<Address>& address, RedisLimits limits = {}) {
        line.emplace(loop.get_executor(), address, limits, 1);
    }

    void TearDown() override {
        line->close();
        if (server) server->stop();
        tasks.stop();
        run_out(loop);
        EXPECT_TRUE(tasks.is_empty());
    }

    std::string ask(const Words& words = {"GET"}) {
        const auto reply = run(loop, line->command(words));
        return reply ? reply->text : reply.error().text;
    }

    /// Retries until Redis answers without a refusal.
    void ask_until_answered() {
        auto task = [this]() -> net::awaitable<bool> {
            const Words words{"GET"};
            for (;;) {
                const auto reply = co_await line->command(words);
                if (reply && reply->kind != redis::Reply::Kind::error) co_return true;
                co_await sleep_for(1ms);
            }
        };
        EXPECT_TRUE(run(loop, task()));
    }

    void spawn_call(TaskGroup& group, std::string word = "GET", Duration wait = {}) {
        group.spawn("call", call({std::move(word)}, wait));
    }

    net::awaitable<void> call(Words words, Duration wait) {
        const auto reply = co_await line->command(words, wait);
        ended.push_back(reply ? reply->text : reply.error().text);
    }

    net::io_context loop{1};
    TaskGroup tasks{loop.get_executor()};
    std::optional<ScriptedRedis> server;
    std::optional<Line> line;
    std::vector<std::string> ended;
};

TEST_F(LineTest, OpensOneConnectionForAllWaitingCalls) {
    open(obey);
    for (int i = 0; i < 20; ++i) spawn_call(tasks);
    run_until(loop, [&] { return ended.size() == 20; });
    EXPECT_EQ(ended, std::vector<std::string>(20, "OK"));
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, ConnectsAgainAtOnceAfterALoss) {
    open([](Peer& peer, int connection) -> net::awaitable<void> {
        co_await peer.greet();
        co_await peer.read_command();
        if (connection == 2) co_await peer.send("+OK\r\n");
    });
    EXPECT_EQ(ask(), "Server closed the connection");
    EXPECT_EQ(ask(), "OK");
}

TEST_F(LineTest, FailsAtOnceUntilTheNextAttempt) {
    RedisLimits limits;
    limits.first_wait = 10s;
    limits.longest_wait = 20s;
    open([](Peer&, int) -> net::awaitable<void> { co_return; }, limits);
    for (int i = 0; i < 20; ++i) EXPECT_NE(ask(), "OK");
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, ReconnectsWhenRedisReturns) {
    RedisLimits limits;
    limits.first_wait = limits.longest_wait = 5ms;
    open(
        [](Peer& peer, int connection) -> net::awaitable<void> {
            if (connection > 2) co_await obey(peer, connection);
        },
        limits);
    ask_until_answered();
    EXPECT_EQ(server->connections(), 3);
}

/// Answers every command of the first connections with the error, and serves later connections.
Script refuse(std::string error, int connections = 1) {
    return [=](Peer& peer, int connection) -> net::awaitable<void> {
        if (connection > connections) co_await obey(peer, connection);
        co_await peer.greet();
        for (;;) {
            co_await peer.read_command();
            co_await peer.send("-" + error + "\r\n");
        }
    };
}

RedisLimits impatient() {
    RedisLimits limits;
    limits.first_wait = limits.longest_wait = 1ms;
    return limits;
}

class RefusedLineTest : public LineTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RefusedLineTest, ReconnectsAfterARefusal) {
    open(refuse(GetParam(), 2), impatient());
    EXPECT_EQ(ask(), GetParam());
    ask_until_answered();
    EXPECT_EQ(server->connections(), 3);
    EXPECT_EQ(ask(), "OK");
    EXPECT_EQ(server->connections(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    OfTheServer, RefusedLineTest,
    ::testing::Values("READONLY You can't write against a read only replica. script: 1, on @user_script:7.",
                      "LOADING Redis is loading the dataset in memory",
                      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                      "UNBLOCKED force unblock from blocking operation, instance state changed",
                      "NOAUTH Authentication required."));

TEST_F(LineTest, KeepsAConnectionOnWhichOneCommandIsRefused) {
    open(refuse("NOPERM this user has no permissions to run the 'get' command"), impatient());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask().starts_with("NOPERM"));
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, FailsWithTheRefusalUntilTheNextAttempt) {
    RedisLimits limits;
    limits.first_wait = limits.longest_wait = 10s;
    open(refuse("READONLY replica script: 1, on @user_script:7."), limits);
    EXPECT_EQ(ask(), "READONLY replica script: 1, on @user_script:7.");
    for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(), "READONLY replica");
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, WaitsLongerAfterEachRefusal) {
    RedisLimits limits;
    limits.first_wait = 8ms;
    limits.longest_wait = 1h;
    open(refuse("READONLY replica", 4), limits);
    const auto begin = std::chrono::steady_clock::now();
    ask_until_answered();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 4ms + 8ms + 16ms + 32ms);
}

TEST_F(LineTest, ReplacesAConnectionThatIsOlderThanTheFirstLines) {
    open(refuse("READONLY replica"), impatient());
    Line readings(loop.get_executor(), server->address(), {}, 2, &*line);
    auto read = [&] {
        const Words words{"XREAD"};
        return run(loop, readings.command(words, 1h)).value().text;
    };
    EXPECT_EQ(ask(), "READONLY replica");
    EXPECT_EQ(read(), "OK");
    EXPECT_EQ(read(), "OK");
    EXPECT_EQ(server->connections(), 2);
    ask_until_answered();
    EXPECT_EQ(server->connections(), 3);
    EXPECT_EQ(read(), "OK");
    EXPECT_EQ(read(), "OK");
    EXPECT_EQ(server->connections(), 4);
    readings.close();
}

TEST_F(LineTest, TimesOutOnASilentServer) {
    RedisLimits limits;
    limits.connect = 50ms;
    open([](Peer& peer, int) { return peer.hold(); }, limits);
    EXPECT_EQ(ask(), "no answer in time");
}

TEST_F(LineTest, WaitingCallsContinueWhenTheConnectingOneIsCancelled) {
    open([](Peer& peer, int connection) -> net::awaitable<void> {
        if (connection == 1) co_await peer.hold();
        co_await obey(peer, connection);
    });
    TaskGroup first(loop.get_executor());
    spawn_call(first);
    spawn_call(tasks);
    run_until(loop, [&] { return server->connections() == 1; });
    net::post(loop, [&] { first.stop(); });
    run_until(loop, [&] { return !ended.empty(); });
    EXPECT_EQ(ended, std::vector<std::string>{"OK"});
}

TEST_F(LineTest, ACancelledCallDropsItsConnection) {
    bool was_asked = false;
    open([&](Peer& peer, int connection) -> net::awaitable<void> {
        co_await peer.greet();
        if (connection > 1) co_await obey(peer, connection);
        co_await peer.read_command();
        was_asked = true;
        co_await peer.hold();
    });
    TaskGroup reading(loop.get_executor());
    spawn_call(reading, "XREAD", 1h);
    run_until(loop, [&] { return was_asked; });
    net::post(loop, [&] { reading.stop(); });
    run_until(loop, [&] { return reading.is_empty(); });
    EXPECT_TRUE(ended.empty());
    EXPECT_EQ(ask(), "OK");
    EXPECT_EQ(server->connections(), 2);
}

TEST_F(LineTest, ACancelledCallThatWaitsForItsTurnDisturbsNoOther) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.greet();
        for (;;) {
            co_await peer.read_command();
            co_await sleep_for(20ms);
            co_await peer.send("+OK\r\n");
        }
    });
    TaskGroup waiting(loop.get_executor());
    spawn_call(tasks);
    spawn_call(waiting);
    spawn_call(tasks);
    net::post(loop, [&] { waiting.stop(); });
    run_until(loop, [&] { return tasks.is_empty() && waiting.is_empty(); });
    EXPECT_EQ(ended, std::vector<std::string>(2, "OK"));
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, AnswersInTheOrderOfTheCalls) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.greet();
        for (;;) {
            const auto command = co_await peer.read_command();
            co_await peer.send("+" + command + "\r\n");
        }
    });
    for (const auto* word : {"one", "two", "three"}) spawn_call(tasks, word);
    run_until(loop, [&] { return ended.size() == 3; });
    EXPECT_EQ(ended, (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(LineTest, WaitingCallsFailWithTheOneThatIsOverdue) {
    RedisLimits limits;
    limits.command = 50ms;
    open(
        [](Peer& peer, int) -> net::awaitable<void> {
            co_await peer.greet();
            co_await peer.hold();
        },
        limits);
    for (int i = 0; i < 10; ++i) spawn_call(tasks);
    const auto begin = std::chrono::steady_clock::now();
    run_until(loop, [&] { return ended.size() == 10; });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 300ms) << "not one after another";
    EXPECT_EQ(ended, std::vector<std::string>(10, "no answer in time"));
}

TEST_F(LineTest, EachCallFailsOnceWhenTheConnectionIsLost) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.greet();
        for (const auto* answer : {"+1\r\n", "+2\r\n", "+ha"}) {
            co_await peer.read_command();
            co_await peer.send(answer);
        }
    });
    for (int i = 0; i < 100; ++i) spawn_call(tasks);
    run_until(loop, [&] { return tasks.is_empty(); });
    ASSERT_EQ(ended.size(), 100);
    EXPECT_EQ(ended[1], "2");
    for (std::size_t i = 2; i < 100; ++i) EXPECT_EQ(ended[i], "Server closed the connection");
    EXPECT_EQ(server->connections(), 1);
}

TEST_F(LineTest, LogsInAndSelectsItsDatabase) {
    std::vector<std::string> heard;
    server.emplace(loop, [&](Peer& peer, int) -> net::awaitable<void> {
        for (;;) {
            heard.push_back(co_await peer.read_command());
            co_await peer.send("+OK\r\n");
        }
    });
    auto address = server->address();
    address.user = "kurs";
    address.password = "pass word";
    address.database = 3;
    open(address);
    EXPECT_EQ(ask(), "OK");
    EXPECT_EQ(heard, (std::vector<std::string>{"AUTH kurs pass word", "SELECT 3", "PING", "GET"}));
}

TEST_F(LineTest, ShowsNoPasswordThatAServerEchoes) {
    server.emplace(loop, [](Peer& peer, int) -> net::awaitable<void> {
        const auto command = co_await peer.read_command();
        co_await peer.send("-ERR unknown command, with args beginning with: " + command + "\r\n");
        co_await peer.hold();
    });
    auto address = server->address();
    address.password = "secret";
    open(address);
    EXPECT_EQ(ask(), "the login was refused");
}

TEST_F(LineTest, ReportsAnUnexpectedPassword) {
    server.emplace(loop, [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send(
            "-ERR AUTH <password> called without any password configured for the default user. Are you sure "
            "your configuration is correct?\r\n");
        co_await peer.hold();
    });
    auto address = server->address();
    address.password = "secret";
    open(address);
    EXPECT_EQ(ask(), "the URL has a password, but the server expects none");
}

TEST_F(LineTest, ResolvesAHostName) {
    open(obey);
    auto address = server->address();
    address.host = "localhost";
    open(address);
    EXPECT_EQ(ask(), "OK");
}

TEST_F(LineTest, ReportsAMalformedAddress) {
    open(LogFailure{"the URL is wrong"});
    EXPECT_EQ(ask(), "the URL is wrong");
}

TEST_F(LineTest, FailsEverythingOnceItIsClosed) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.greet();
        co_await peer.hold();
    });
    spawn_call(tasks);
    run_until(loop, [&] { return server->connections() == 1; });
    let_pass(loop, 20ms);
    net::post(loop, [&] { line->close(); });
    run_until(loop, [&] { return ended.size() == 1; });
    EXPECT_EQ(ended.front(), "closed");
    EXPECT_EQ(ask(), "closed");
}

}  // namespace
}  // namespace kurs::testing
