#include "support/connection_fixture.hpp"

namespace kurs::testing {
namespace {

TEST_F(ConnectionTest, AnswersOneCommandAfterAnother) {
    open([](Peer& peer, int) -> net::awaitable<void> {
        for (;;) {
            const auto command = co_await peer.read_command();
            co_await peer.send("+" + command + "\r\n");
        }
    });
    for (const auto* word : {"one", "two", "three"}) {
        EXPECT_EQ(ask(word), word);
        EXPECT_TRUE(connection->is_ready());
    }
}

TEST_F(ConnectionTest, TakesALongReplyInManyPieces) {
    const std::string text(100'000, 'x');
    open([&](Peer& peer, int) -> net::awaitable<void> {
        co_await peer.read_command();
        co_await peer.send("$100000\r\n");
        for (std::size_t sent = 0; sent < text.size(); sent += 1'000)
            co_await peer.send(text.substr(sent, 1'000));
        co_await peer.send("\r\n");
        co_await peer.hold();
    });
    EXPECT_EQ(ask("long"), text);
    EXPECT_TRUE(connection->is_ready());
}

TEST_F(ConnectionTest, IsUnusableOnceACommandIsOverdue) {
    open([](Peer& peer, int) { return peer.hold(); });
    EXPECT_EQ(ask("one", 50ms), "no answer in time");
    EXPECT_FALSE(connection->is_ready());
}

TEST_F(ConnectionTest, ReportsARefusedConnection) {
    open([](Peer& peer, int) { return peer.hold(); });
    const auto nobody = servers.back().endpoint();
    servers.back().stop();
    connection = std::make_unique<redis::Connection>(loop.get_executor(), redis::RedisLimits{});
    const auto until = std::chrono::steady_clock::now() + 5s;
    EXPECT_EQ(run(loop, connection->connect(nobody, until)).value().text, "Connection refused");
    EXPECT_FALSE(connection->is_ready());
}

TEST_F(ConnectionTest, NoticesThatItIsClosedWhileIdle) {
    open([](Peer& peer, int) { return peer.greet(); });
    EXPECT_EQ(ask("PING"), "PONG");
    wait_until_unusable();
}

}  // namespace
}  // namespace kurs::testing
