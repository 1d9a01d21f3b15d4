#pragma once

#include <gtest/gtest.h>

#include <list>

#include "redis/connection.hpp"
#include "support/run.hpp"
#include "support/scripted_redis.hpp"

namespace kurs::testing {

using namespace std::chrono_literals;

/// A connection to a scripted server, both on one loop.
class ConnectionTest : public ::testing::Test {
protected:
    void open(Script script, redis::RedisLimits limits = {}) {
        servers.emplace_back(loop, std::move(script));
        connection = std::make_unique<redis::Connection>(loop.get_executor(), limits);
        EXPECT_EQ(connect(), "");
    }

    void TearDown() override {
        connection.reset();
        for (auto& server : servers) server.stop();
        run_out(loop);
    }

    /// Why it failed, or nothing.
    std::string connect() {
        const auto until = std::chrono::steady_clock::now() + 5s;
        const auto failure = run(loop, connection->connect(servers.back().endpoint(), until));
        return failure ? failure->text : "";
    }

    /// The reply's text, or why there is none.
    std::string ask(const std::string& word, Duration limit = 5s) {
        const redis::Connection::Words words{word};
        const auto until = std::chrono::steady_clock::now() + limit;
        const auto reply = run(loop, connection->command(words, until));
        return reply ? reply->text : reply.error().text;
    }

    void wait_until_unusable() {
        run_until(loop, [&] { return !connection->is_ready(); });
    }

    net::io_context loop{1};
    std::list<ScriptedRedis> servers;
    std::unique_ptr<redis::Connection> connection;
};

}  // namespace kurs::testing
