#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurs/redis/address.hpp"
#include "kurs/redis/limits.hpp"
#include "redis/reply.hpp"

namespace kurs::redis {

namespace net = boost::asio;

class Link;

/// Limit of entries per reply: entries of the largest size still fit into a reply.
inline constexpr std::size_t most_entries = 100;

/// One connection to Redis, which never reconnects. Used on the loop only. Calls in progress fail when it is
/// destroyed or dropped.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Words = std::vector<std::string>;

    /// Starts to connect. Must be held by a shared_ptr, because of its timer.
    Connection(const net::any_io_executor& loop, const net::ip::tcp::endpoint& address,
               const RedisLimits& limits);
    ~Connection();

    /// Replies in the order of the commands. An error reply is a reply too; a failure means that the
    /// connection is lost, or that too many commands are in progress. A command without a reply within the
    /// limit ends the connection, since Redis cannot cancel a command. A cancelled caller leaves its command
    /// in progress, and the reply is discarded. The connection may be destroyed meanwhile.
    net::awaitable<log_result<Reply>> command(const Words& words, Duration limit);

    void drop(const std::string& reason);
    bool is_open() const;

private:
    struct Call;
    using SteadyTime = std::chrono::steady_clock::time_point;

    log_result<std::shared_ptr<Call>> send(const Words& words, Duration limit);
    void on_reply(const redisReply* reply);
    void watch();

    std::shared_ptr<Link> link_;
    std::deque<std::shared_ptr<Call>> calls_;  ///< unanswered, oldest first
    std::size_t bytes_ = 0;                    ///< size of their commands
    RedisLimits limits_;
    net::steady_timer watchdog_;
    bool is_watching_ = false;
};

using Opened = log_result<std::shared_ptr<Connection>>;

/// Resolves the host, connects to the first address that responds and logs in, all within the limit.
net::awaitable<Opened> open_connection(Address address, RedisLimits limits);

}  // namespace kurs::redis
