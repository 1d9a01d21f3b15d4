#pragma once

#include <boost/asio/experimental/channel.hpp>

#include "kurs/venue/backoff.hpp"
#include "redis/connection.hpp"

namespace kurs::redis {

/// Maintains a connection, on which calls take turns. Opens it on demand, and drops it when the server
/// refuses it. After a failed attempt or a refusal, calls fail at once until the next attempt is allowed.
/// Outlives its calls. Used on the loop only.
class Line {
public:
    /// If `address` is a failure, every call fails with it. A connection older than that of `first` is
    /// replaced before use: a demoted server refuses what `first` writes, but still answers reads.
    Line(const net::any_io_executor& loop, log_result<Address> address, RedisLimits limits,
         std::uint64_t seed, const Line* first = nullptr, const TlsTrust* trust = nullptr);

    /// A command that Redis answers after at most `wait`. Limited by connect and command time in addition.
    /// Cancelling it drops the connection, since Redis cannot cancel a command.
    net::awaitable<log_result<Reply>> command(const Connection::Words& words, Duration wait = {});

    /// Makes current and later calls fail.
    void close();

private:
    using Turns = net::experimental::channel<void(boost::system::error_code)>;
    struct EndTurn {
        void operator()(Turns* turns) const {
            turns->try_receive([](boost::system::error_code) {});
        }
    };
    using Turn = std::unique_ptr<Turns, EndTurn>;

    net::awaitable<bool> make_ready();
    void note_answer(const log_result<Reply>& reply);
    void lose(LogFailure failure);
    void back_off();
    int newest() const { return first_ ? first_->opened_ : 0; }

    log_result<Address> address_;
    RedisLimits limits_;
    Backoff backoff_;
    SteadyTime retry_at_{};
    LogFailure last_failure_;
    int losses_ = 0;  ///< number of connections and attempts that failed
    std::unique_ptr<Connection> connection_;
    SteadyTime opened_at_{};
    Turns turn_;  ///< full while a call has its turn
    bool is_closed_ = false;
    const Line* first_;
    const TlsTrust* trust_;
    int opened_ = 0;        ///< number of connections opened
    int first_opened_ = 0;  ///< `opened_` of `first_` when this connection was opened
};

}  // namespace kurs::redis
