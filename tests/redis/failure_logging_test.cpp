#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "kurs/redis/log_store.hpp"
#include "support/run.hpp"
#include "support/scripted_redis.hpp"

namespace kurs::testing {
namespace {

using namespace std::chrono_literals;

/// The log lines of a store, each with its level.
class QueueLogTest : public ::testing::Test {
protected:
    QueueLogTest() : before_(spdlog::default_logger()) {
        auto logger = std::make_shared<spdlog::logger>(
            "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
        logger->set_pattern("%l %v");
        spdlog::set_default_logger(logger);
    }
    ~QueueLogTest() override { spdlog::set_default_logger(before_); }

    void call(const std::string& url, int times = 1) {
        redis::RedisLimits limits;
        limits.first_wait = limits.longest_wait = 1ms;
        const auto queue = redis::make_log_store(loop.get_executor(), url, "a", limits);
        for (int i = 0; i < times; ++i) {
            EXPECT_FALSE(run(loop, queue->take_lease(1s)));
            EXPECT_FALSE(run(loop, queue->load_snapshot()));
            EXPECT_FALSE(run(loop, queue->read_entries("", 1ms)));
        }
        queue->close();
        EXPECT_FALSE(run(loop, queue->take_lease(1s))) << "closed, which is no failure to log";
    }

    /// Calls a server that answers everything after its greeting, if any, with these bytes.
    void call_server(const std::string& answer, bool greets, const std::string& login = "kurs:hunter2@") {
        ScriptedRedis server(loop, [&](Peer& peer, int) -> net::awaitable<void> {
            for (;;) {
                const auto command = co_await peer.read_command();
                const bool is_login = command.starts_with("AUTH") || command == "PING";
                co_await peer.send(is_login && greets ? "+OK\r\n" : answer + "\r\n");
            }
        });
        call("redis://" + login + "127.0.0.1:" + std::to_string(server.endpoint().port()), 5);
        server.stop();
        run_out(loop);
    }

    net::io_context loop{1};
    std::ostringstream text;

private:
    std::shared_ptr<spdlog::logger> before_;
};

TEST_F(QueueLogTest, NamesAWrongPasswordOnce) {
    call_server("-WRONGPASS invalid username-password pair or user is disabled.", false);
    EXPECT_EQ(text.str(),
              "warning redis: calls fail, reason=WRONGPASS invalid username-password pair or user is "
              "disabled.\n");
}

TEST_F(QueueLogTest, NamesAMissingPassword) {
    call_server("-NOAUTH Authentication required.", false, "");
    EXPECT_EQ(text.str(), "warning redis: calls fail, reason=NOAUTH Authentication required.\n");
}

TEST_F(QueueLogTest, NamesAMissingPermission) {
    call_server("-NOPERM this user has no permissions to run the 'evalsha' command", true);
    EXPECT_EQ(text.str(),
              "warning redis: calls fail, reason=NOPERM this user has no permissions to run the 'evalsha' "
              "command\n");
}

TEST_F(QueueLogTest, NamesAReplica) {
    call_server("-READONLY You can't write against a read only replica.", true);
    EXPECT_EQ(text.str(),
              "warning redis: calls fail, reason=READONLY You can't write against a read only replica.\n");
}

TEST_F(QueueLogTest, ShowsNoPasswordThatAServerEchoes) {
    call_server("-ERR unknown command 'AUTH', with args beginning with: 'kurs' 'hunter2'", false);
    EXPECT_EQ(text.str(), "warning redis: calls fail, reason=the login was refused\n");
}

TEST_F(QueueLogTest, NamesAServerThatIsNotRedis) {
    call_server("HTTP/1.1 400 Bad Request", false);
    EXPECT_EQ(text.str(), "warning redis: calls fail, reason=Protocol error, got \"H\" as reply type byte\n");
}

TEST_F(QueueLogTest, NamesARefusedConnection) {
    ScriptedRedis server(loop, [](Peer& peer, int) { return peer.hold(); });
    const auto port = std::to_string(server.endpoint().port());
    server.stop();
    run_out(loop);
    loop.restart();
    call("redis://:hunter2@127.0.0.1:" + port, 5);
    EXPECT_EQ(text.str(), "warning redis: calls fail, reason=Connection refused\n");
}

TEST_F(QueueLogTest, NamesAnUnknownHost) {
    call("redis://:hunter2@redis.invalid:6379");
    EXPECT_TRUE(text.str().starts_with("warning redis: calls fail, reason=name lookup: ")) << text.str();
    EXPECT_EQ(text.str().find("hunter2"), std::string::npos);
}

TEST_F(QueueLogTest, NamesTlsWithoutTrust) {
    call("rediss://:hunter2@redis");
    EXPECT_EQ(text.str(), "warning redis: calls fail, reason=TLS: no certificate is trusted\n");
}

TEST_F(QueueLogTest, NamesAMalformedUrl) {
    call("http://:hunter2@redis", 5);
    call("redis://:hunt er2@redis");
    EXPECT_EQ(text.str(),
              "warning redis: calls fail, reason=the URL of Redis does not begin with redis:// or rediss://\n"
              "warning redis: calls fail, reason=the URL of Redis is not like "
              "redis://user:password@host:port/database (in a password, write other characters than letters "
              "and digits as %40 and so on)\n");
}

}  // namespace
}  // namespace kurs::testing
