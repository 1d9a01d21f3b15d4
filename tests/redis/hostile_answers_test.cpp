#include <gtest/gtest.h>

#include "kurs/redis/log_store.hpp"
#include "support/run.hpp"
#include "support/scripted_redis.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

/// A store whose server answers every command with the same bytes.
class HostileAnswers : public ::testing::Test {
protected:
    /// The call's result for that reply.
    template <class Ask>
    auto hear(std::string answer, Ask ask) {
        auto repeat = [&](Peer& peer, int) -> net::awaitable<void> {
            co_await peer.greet();
            for (;;) {
                co_await peer.read_command();
                co_await peer.send(answer);
            }
        };
        ScriptedRedis server(loop, repeat);
        const auto url = "redis://127.0.0.1:" + std::to_string(server.endpoint().port());
        const auto queue = redis::make_log_store(loop.get_executor(), url, "a");
        auto heard = run(loop, ask(*queue));
        queue->close();
        server.stop();
        run_out(loop);
        loop.restart();
        return heard;
    }

    template <class Ask>
    void expect_failures(Ask ask, const Texts& answers) {
        for (const auto& answer : answers) EXPECT_FALSE(hear(answer, ask)) << answer;
        for (const auto* answer :
             {"-ERR no\r\n", "-NOSCRIPT again\r\n", "*1\r\n-ERR no\r\n", "$-2\r\n", "*2147483647\r\n"})
            EXPECT_FALSE(hear(answer, ask)) << answer;
    }

    net::io_context loop{1};
};

TEST_F(HostileAnswers, ToANoteThatIsLeft) {
    const auto leave = [](LogStore& queue) { return queue.leave_note("one", "text", 60s); };
    expect_failures(leave, {"$-1\r\n", ":1\r\n", "*0\r\n", "*-1\r\n", "*1\r\n+OK\r\n"});
    EXPECT_TRUE(hear("+OK\r\n", leave).value());
}

TEST_F(HostileAnswers, ToNotesThatAreRead) {
    const auto read = [](LogStore& queue) { return queue.read_notes({"one", "two"}); };
    expect_failures(read, {"$-1\r\n", "+OK\r\n", ":2\r\n", "*0\r\n", "*-1\r\n", "*1\r\n+1\r\n",
                           "*3\r\n+1\r\n+2\r\n+3\r\n", "*2\r\n+1\r\n:2\r\n", "*2\r\n*0\r\n*0\r\n"});
    EXPECT_EQ(hear("*2\r\n$-1\r\n$1\r\n2\r\n", read).value(), (Texts{"", "2"}));
}

TEST_F(HostileAnswers, ToACheckIn) {
    const auto check_in = [](LogStore& queue) { return queue.check_in(); };
    expect_failures(check_in, {"$-1\r\n", "+1\r\n", ":0\r\n", ":-1\r\n", "*0\r\n", "*1\r\n:1\r\n"});
    EXPECT_EQ(hear(":3\r\n", check_in).value(), 3);
}

}  // namespace
}  // namespace kurs::testing
