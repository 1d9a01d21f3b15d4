#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "redis/connection.hpp"
#include "redis/retry_pace.hpp"

namespace kurs::redis {

/// Keeps a connection: it is opened when it is needed and not there. After an attempt that failed calls fail
/// at once until the next one may be made. Outlives its calls. Used on the loop only.
class Line {
public:
    /// `address` may be a failure, which is what every call fails with then.
    Line(const net::any_io_executor& loop, store_result<Address> address, RedisLimits limits,
         std::size_t seed);

    /// As a connection's, within the limits of connecting and of commands together.
    net::awaitable<store_result<Reply>> command(const Connection::Words& words);

    /// A command that Redis answers after `wait` at the latest. One at a time. If it is cancelled the
    /// connection goes with it: Redis would go on with it and hold up the next.
    net::awaitable<store_result<Reply>> read(const Connection::Words& words, Duration wait);

    /// What is under way fails, and whatever is asked from here on.
    void close();

private:
    class Attempt;
    class Reading;

    net::awaitable<Opened> connection();
    net::awaitable<void> wait_for_attempt();
    net::awaitable<Opened> open();

    store_result<Address> address_;
    RedisLimits limits_;
    RetryPace pace_;
    StoreFailure last_failure_;
    std::shared_ptr<Connection> connection_;
    net::steady_timer attempt_ended_;  ///< never expires: its waits end when the attempt does
    bool is_trying_ = false;
    bool is_closed_ = false;
};

}  // namespace kurs::redis
