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
        const auto address = servers.back().endpoint();
        connection = std::make_shared<redis::Connection>(loop.get_executor(), address, limits);
    }

    void TearDown() override {
        connection.reset();
        for (auto& server : servers) server.stop();
        tasks.stop();
        run_out(loop);
    }

    /// Starts a call and records its result.
    void ask(std::string word, Duration limit = 5s) {
        tasks.spawn("ask " + word, note_answer(connection, word, limit));
    }

    net::awaitable<void> note_answer(std::shared_ptr<redis::Connection> asked, std::string word,
                                     Duration limit) {
        const redis::Connection::Words words{word};
        auto reply = co_await asked->command(words, limit);
        answers.push_back(word + ": " + (reply ? reply->text : reply.error().text));
        if (!reply && reply.error().text == "Redis: no answer in time") ++overdue;
    }

    void wait_for_answers(std::size_t count) {
        run_until(loop, [&] { return answers.size() >= count; });
    }

    net::io_context loop{1};
    TaskGroup tasks{loop.get_executor()};
    std::list<ScriptedRedis> servers;
    std::shared_ptr<redis::Connection> connection;
    std::vector<std::string> answers;
    int overdue = 0;
};

}  // namespace kurs::testing
