#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kurs/redis/log_store.hpp"
#include "redis/connection.hpp"
#include "support/run.hpp"

namespace kurs::testing {

using namespace std::chrono_literals;

/// Tests with the Redis of REDIS_URL, started by tools/private_redis.py, which they may break. It is empty at
/// the start of each test.
class ServerTest : public ::testing::Test {
protected:
    ServerTest();
    void SetUp() override;
    void TearDown() override;

    /// Stops, kills, starts, freezes or thaws the server, and waits for the effect.
    void order(const std::string& what);

    /// A replica's store, which lives until the end of the test.
    LogStore& queue(const std::string& copy, redis::RedisLimits limits = {});

    /// The result of the call. Fails the test on a failure.
    template <class T>
    T get(LogStore::Answer<T> call) {
        return run(loop, std::move(call)).value();
    }

    /// Queries Redis directly, on a separate connection.
    redis::Reply ask(redis::Connection::Words words);

    /// Takes the store's lease.
    Epoch lead(LogStore& by, Duration lease = 60s);

    net::io_context loop{1};
    std::uint64_t version = 0;  ///< of the newest entry

private:
    std::string url_;
    std::vector<std::unique_ptr<LogStore>> queues_;
};

std::vector<std::string> texts_of(const std::vector<StoredEntry>& entries);
std::vector<std::string> ids_of(const std::vector<StoredEntry>& entries);

}  // namespace kurs::testing
