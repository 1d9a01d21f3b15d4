#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "redis/connection.hpp"
#include "redis/retry_pace.hpp"

namespace kurs::redis {

/// Keeps a connection: it is opened when it is needed and not there, and dropped when the server refuses it.
/// After a failed attempt or a refusal calls fail at once until the next attempt may be made. Outlives its
/// calls. Used on the loop only.
class Line {
public:
    /// `address` may be a failure, which is what every call fails with then. A connection that is older than
    /// that of `first` is replaced before it is used: a server that was demoted refuses what `first` writes,
    /// but answers readings.
    Line(const net::any_io_executor& loop, store_result<Address> address, RedisLimits limits,
         std::size_t seed, const Line* first = nullptr);

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
    void note_answer(Connection& connection, const store_result<Reply>& reply);
    int newest() const { return first_ ? first_->opened_ : 0; }

    store_result<Address> address_;
    RedisLimits limits_;
    RetryPace pace_;
    StoreFailure last_failure_;
    std::shared_ptr<Connection> connection_;
    net::steady_timer attempt_ended_;  ///< never expires: its waits end when the attempt does
    bool is_trying_ = false;
    bool is_closed_ = false;
    const Line* first_;
    int opened_ = 0;        ///< connections
    int first_opened_ = 0;  ///< those of `first_` when this one's was opened
};

}  // namespace kurs::redis
