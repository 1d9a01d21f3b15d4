#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kurs/redis/queue.hpp"
#include "redis/connection.hpp"
#include "support/run.hpp"

namespace kurs::testing {

using namespace std::chrono_literals;

/// Tests with the Redis of REDIS_URL, which tools/private_redis.py makes, and which they may break. It is
/// empty at the beginning of each.
class ServerTest : public ::testing::Test {
protected:
    ServerTest();
    void SetUp() override;
    void TearDown() override;

    /// Has the server be stopped, killed, started, frozen or thawed, and waits until it is.
    void order(const std::string& what);

    /// A copy's queue, which lives until the end of the test.
    SharedQueue& queue(const std::string& copy, redis::RedisLimits limits = {});

    /// What the call returns. Fails the test if that is a failure.
    template <class T>
    T get(SharedQueue::Answer<T> call) {
        return run(loop, std::move(call)).value();
    }

    /// Asks Redis itself, on a connection of its own.
    redis::Reply ask(redis::Connection::Words words);

    /// The queue's lease taken.
    Epoch lead(SharedQueue& by, Duration lease = 60s);

    net::io_context loop{1};

private:
    std::string url_;
    std::vector<std::unique_ptr<SharedQueue>> queues_;
};

std::vector<std::string> texts_of(const std::vector<QueueEntry>& entries);
std::vector<std::string> ids_of(const std::vector<QueueEntry>& entries);

}  // namespace kurs::testing
