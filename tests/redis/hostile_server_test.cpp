#include "support/connection_fixture.hpp"

namespace kurs::testing {
namespace {

/// Answers the first command with exactly these bytes.
Script say(std::string bytes) {
    return [bytes](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send(bytes);
        co_await peer.hold();
    };
}

class HostileServer : public ConnectionTest {};

TEST_F(HostileServer, GarbageEndsTheConnection) {
    open(say("HTTP/1.1 400 Bad Request\r\n\r\n"));
    EXPECT_EQ(ask("one"), R"(Protocol error, got "H" as reply type byte)");
    EXPECT_FALSE(connection->is_ready());
}

TEST_F(HostileServer, AnIncompleteReplyTimesOut) {
    for (const auto* half : {"+O", "$10\r\nhalf", "*3\r\n:1\r\n", "*", "$9223372036854775807\r\nhalf", ":"}) {
        open(say(half));
        EXPECT_EQ(ask("one", 50ms), "no answer in time") << half;
    }
}

TEST_F(HostileServer, BrokenLengthsEndTheConnection) {
    for (const auto* broken :
         {"$-2\r\n", "*-2\r\n", "*99999999999\r\n", "$x\r\n", ":12a\r\n", ":99999999999999999999\r\n"}) {
        open(say(broken));
        EXPECT_FALSE(ask("one").empty()) << broken;
        EXPECT_FALSE(connection->is_ready());
    }
}

TEST_F(HostileServer, DeepNestingEndsTheConnection) {
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "*1\r\n";
    open(say(deep));
    EXPECT_NE(ask("one").find("depth"), std::string::npos);
}

TEST_F(HostileServer, AnArrayThatExceedsTheMemoryLimitIsRefused) {
    open(say("*2147483647\r\n"));
    EXPECT_EQ(ask("one"), "an answer is too large");
}

TEST_F(HostileServer, ManyArraysThatExceedTheMemoryLimitAreRefused) {
    std::string nested;
    for (int i = 0; i < 6; ++i) nested += "*300000\r\n";
    open(say(nested));
    EXPECT_EQ(ask("one"), "an answer is too large");
}

TEST_F(HostileServer, ATextWithoutEndIsRefused) {
    redis::RedisLimits limits;
    limits.text_bytes = 100;
    auto flood = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send("$4000000000\r\n");
        for (;;) co_await peer.send(std::string(10'000, 'x'));
    };
    open(flood, limits);
    EXPECT_EQ(ask("one"), "an answer is too large");
}

TEST_F(HostileServer, ManyTextsThatExceedTheLimitTogetherAreRefused) {
    redis::RedisLimits limits;
    limits.text_bytes = 100;
    auto flood = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send("*1000\r\n");
        for (;;) co_await peer.send("$10000\r\n" + std::string(10'000, 'x') + "\r\n");
    };
    open(flood, limits);
    EXPECT_EQ(ask("one"), "an answer is too large");
}

TEST_F(HostileServer, ManyAnswersMayBeLargeOneByOne) {
    redis::RedisLimits limits;
    limits.text_bytes = 100;
    auto answer = [](Peer& peer, int) -> net::awaitable<void> {
        for (;;) {
            co_await peer.read_command();
            co_await peer.send("$150000\r\n" + std::string(150'000, 'x') + "\r\n");
        }
    };
    open(answer, limits);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask("one").size(), 150'000);
}

TEST_F(HostileServer, TwoAnswersToOneCommandEndTheConnection) {
    for (const auto* two :
         {"+one\r\n+two\r\n", "+one\r\n*1\r\n:2\r\n", "+one\r\n-ERR two\r\n", "+one\r\n$5\r\nha"}) {
        open(say(two));
        EXPECT_EQ(ask("one"), "one");
        wait_until_unusable();
    }
}

TEST_F(HostileServer, AnAnswerToNoCommandEndsTheConnection) {
    auto speak = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.greet();
        co_await sleep_for(20ms);
        co_await peer.send("+unasked\r\n");
        co_await peer.hold();
    };
    open(speak);
    EXPECT_EQ(ask("PING"), "PONG");
    wait_until_unusable();
}

TEST_F(HostileServer, AnErrorBeforeAnyCommandEndsTheConnection) {
    auto refuse = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send("-ERR max number of clients reached\r\n");
    };
    open(refuse);
    EXPECT_EQ(ask("one"), "ERR max number of clients reached");
    wait_until_unusable();
}

}  // namespace
}  // namespace kurs::testing
