#include <boost/asio/post.hpp>

#include "support/connection_fixture.hpp"

namespace kurs::testing {
namespace {

using Answers = std::vector<std::string>;

net::awaitable<void> echo(Peer& peer, int) {
    for (;;) {
        const auto command = co_await peer.read_command();
        co_await peer.send("+" + command + "\r\n");
    }
}

net::awaitable<void> hold(Peer& peer, int) {
    return peer.hold();
}

TEST_F(ConnectionTest, AnswersInTheOrderOfTheCommands) {
    open(echo);
    for (const auto* word : {"one", "two", "three"}) ask(word);
    wait_for_answers(3);
    EXPECT_EQ(answers, (Answers{"one: one", "two: two", "three: three"}));
}

TEST_F(ConnectionTest, HoldsNoMemoryAfterALongReplyInManyPieces) {
    const std::string text(100'000, 'x');
    open([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send("$100000\r\n");
        for (std::size_t sent = 0; sent < text.size(); sent += 1'000)
            co_await peer.send(text.substr(sent, 1'000));
        co_await peer.send("\r\n");
        co_await peer.hold();
    });
    ask("long");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"long: " + text});
    EXPECT_TRUE(connection->is_open());
}

TEST_F(ConnectionTest, FailsAllCommandsWhenTheOldestIsOverdue) {
    open(hold);
    ask("one", 50ms);
    ask("two", 5s);
    wait_for_answers(2);
    EXPECT_EQ(answers, (Answers{"one: Redis: no answer in time", "two: Redis: no answer in time"}));
    EXPECT_EQ(overdue, 2);
    EXPECT_FALSE(connection->is_open());
}

TEST_F(ConnectionTest, FailsEachCommandOnceWhenItIsDisconnected) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        for (const auto* answer : {"+1\r\n", "+2\r\n", "+ha"}) {
            co_await peer.read_command();
            co_await peer.send(answer);
        }
    });
    for (int i = 0; i < 100; ++i) ask(std::to_string(i));
    wait_for_answers(100);
    loop.poll();
    ASSERT_EQ(answers.size(), 100);
    EXPECT_EQ(answers[1], "1: 2");
    for (std::size_t i = 2; i < 100; ++i) EXPECT_NE(answers[i].find(": Redis: "), std::string::npos);
    ask("late");
    wait_for_answers(101);
    EXPECT_NE(answers[100].find("late: Redis: "), std::string::npos);
}

TEST_F(ConnectionTest, DiscardsTheReplyOfACancelledCommand) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        for (int i = 0; i < 2; ++i) co_await peer.read_command();
        co_await peer.send("+first\r\n+second\r\n");
        co_await peer.hold();
    });
    TaskGroup cancelled(loop.get_executor());
    cancelled.spawn("cancelled", note_answer(connection, "one", 5s));
    loop.poll();
    net::post(loop, [&] { cancelled.stop(); });
    run_until(loop, [&] { return cancelled.is_empty(); });
    ask("two");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"two: second"});
}

TEST_F(ConnectionTest, FailsCommandsInProgressWhenItIsDestroyed) {
    open(hold);
    const redis::Connection::Words words{"one"};
    auto ask_it = [&]() -> net::awaitable<void> {
        auto reply = co_await connection->command(words, 5s);  // holds nothing of the connection
        answers.push_back(reply ? "answered" : reply.error().text);
    };
    tasks.spawn("ask", ask_it());
    loop.poll();
    connection.reset();
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"Redis: connection closed"});
}

TEST_F(ConnectionTest, RefusesTooManyCommands) {
    redis::RedisLimits limits;
    limits.commands = 2;
    open(hold, limits);
    for (const auto* word : {"one", "two", "three"}) ask(word);
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"three: Redis: too many commands are under way"});
    EXPECT_TRUE(connection->is_open());
}

TEST_F(ConnectionTest, RefusesTooManyBytes) {
    redis::RedisLimits limits;
    limits.text_bytes = 10;
    open(hold, limits);
    ask(std::string(900, 'a'));
    ask(std::string(101, 'b'));
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{std::string(101, 'b') + ": Redis: too many commands are under way"});
}

TEST_F(ConnectionTest, ReportsARefusedConnection) {
    open(hold);
    const auto nobody = servers.back().endpoint();
    servers.back().stop();
    connection = std::make_shared<redis::Connection>(loop.get_executor(), nobody, redis::RedisLimits{});
    ask("one");
    wait_for_answers(1);
    EXPECT_EQ(answers, Answers{"one: Redis: Connection refused"});
}

TEST_F(ConnectionTest, NoticesThatItIsClosedWhileIdle) {
    open([](Peer& peer, int) { return peer.greet(); });
    ask("PING");
    wait_for_answers(1);
    run_until(loop, [&] { return !connection->is_open(); });
}

}  // namespace
}  // namespace kurs::testing
