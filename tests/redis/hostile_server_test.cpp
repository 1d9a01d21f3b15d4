#include <boost/asio/post.hpp>

#include "support/connection_fixture.hpp"

namespace kurs::testing {
namespace {

using Answers = std::vector<std::string>;

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
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{R"(one: Redis: Protocol error, got "H" as reply type byte)"});
    EXPECT_FALSE(connection->is_open());
}

TEST_F(HostileServer, AnIncompleteReplyTimesOut) {
    for (const auto* half : {"+O", "$10\r\nhalf", "*3\r\n:1\r\n", "*", "$9223372036854775807\r\nhalf", ":"}) {
        open(say(half));
        ask("one", 50ms);
        wait_for_answers(1);
        EXPECT_EQ(answers, Answers{"one: Redis: no answer in time"}) << half;
        answers.clear();
    }
}

TEST_F(HostileServer, BrokenLengthsEndTheConnection) {
    for (const auto* broken :
         {"$-2\r\n", "*-2\r\n", "*99999999999\r\n", "$x\r\n", ":12a\r\n", ":99999999999999999999\r\n"}) {
        open(say(broken));
        ask("one");
        wait_for_answers(1);
        EXPECT_NE(answers[0].find("one: Redis: "), std::string::npos) << broken << answers[0];
        answers.clear();
    }
}

TEST_F(HostileServer, DeepNestingEndsTheConnection) {
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "*1\r\n";
    open(say(deep));
    ask("one");
    wait_for_answers(1);
    EXPECT_NE(answers[0].find("depth"), std::string::npos);
}

TEST_F(HostileServer, AnArrayThatExceedsTheMemoryLimitIsRefused) {
    open(say("*2147483647\r\n"));
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"one: Redis: an answer is too large"});
}

TEST_F(HostileServer, ManyArraysThatExceedTheMemoryLimitAreRefused) {
    std::string nested;
    for (int i = 0; i < 6; ++i) nested += "*300000\r\n";
    open(say(nested));
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"one: Redis: an answer is too large"});
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
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"one: Redis: an answer is too large"});
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
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"one: Redis: an answer is too large"});
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
    for (int i = 0; i < 5; ++i) ask("one");
    wait_for_answers(5);
    for (const auto& each : answers) EXPECT_GT(each.size(), 150'000) << each;
}

// hiredis 0.14 ends the process on an unexpected reply.
TEST_F(HostileServer, TwoAnswersToOneCommandEndTheConnection) {
    for (const auto* two :
         {"+one\r\n+two\r\n", "+one\r\n*1\r\n:2\r\n", "+one\r\n-ERR two\r\n", "+one\r\n$5\r\nha"}) {
        open(say(two));
        ask("one");
        wait_for_answers(1);
        EXPECT_EQ(answers, Answers{"one: one"});
        run_until(loop, [&] { return !connection->is_open(); });
        answers.clear();
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
    ask("PING");
    wait_for_answers(1);
    run_until(loop, [&] { return !connection->is_open(); });
    EXPECT_EQ(answers, Answers{"PING: PONG"});
}

TEST_F(HostileServer, AnErrorBeforeAnyCommandEndsTheConnection) {
    auto refuse = [](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.send("-ERR max number of clients reached\r\n");
    };
    open(refuse);
    ask("one");
    wait_for_answers(1);
    EXPECT_NE(answers[0].find("ERR max number of clients reached"), std::string::npos) << answers[0];
}

}  // namespace
}  // namespace kurs::testing
