#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "redis/connection.hpp"
#include "redis/retry_pace.hpp"

namespace kurs::redis {

/// Maintains a connection: opens it on demand, and drops it when the server refuses it. After a failed
/// attempt or a refusal, calls fail at once until the next attempt is allowed. Outlives its calls. Used on
/// the loop only.
class Line {
public:
    /// If `address` is a failure, every call fails with it. A connection older than that of `first` is
    /// replaced before use: a demoted server refuses what `first` writes, but still answers reads.
    Line(const net::any_io_executor& loop, log_result<Address> address, RedisLimits limits, std::size_t seed,
         const Line* first = nullptr);

    /// As Connection::call, limited by connect and command time together.
    net::awaitable<log_result<Reply>> command(const Connection::Words& words);

    /// A command that Redis answers after at most `wait`. One at a time. Cancelling it drops the connection:
    /// Redis would otherwise continue it and delay the next command.
    net::awaitable<log_result<Reply>> read(const Connection::Words& words, Duration wait);

    /// Makes current and later calls fail.
    void close();

private:
    class Attempt;
    class Reading;

    net::awaitable<Opened> connection();
    net::awaitable<void> wait_for_attempt();
    net::awaitable<Opened> open();
    void note_answer(Connection& connection, const log_result<Reply>& reply);
    int newest() const { return first_ ? first_->opened_ : 0; }

    log_result<Address> address_;
    RedisLimits limits_;
    RetryPace pace_;
    LogFailure last_failure_;
    std::shared_ptr<Connection> connection_;
    net::steady_timer attempt_ended_;  ///< never expires: cancelled when the attempt ends
    bool is_trying_ = false;
    bool is_closed_ = false;
    const Line* first_;
    int opened_ = 0;        ///< number of connections opened
    int first_opened_ = 0;  ///< `opened_` of `first_` when this connection was opened
};

}  // namespace kurs::redis
