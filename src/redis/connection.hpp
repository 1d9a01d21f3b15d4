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

/// In one answer: of the largest size they fit into what it may hold.
inline constexpr std::size_t most_entries = 100;

/// One connection to Redis, and never another: once lost it stays so. Used on the loop only. What is under
/// way when it is destroyed or dropped fails.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    using Words = std::vector<std::string>;

    /// Begins to connect. To be held by a shared_ptr, for its timer's sake.
    Connection(const net::any_io_executor& loop, const net::ip::tcp::endpoint& address,
               const RedisLimits& limits);
    ~Connection();

    /// Answers in the order of the commands. What Redis refuses is an answer too; a failure means that the
    /// connection is lost, or that too much is under way. If there is no answer within the limit, the
    /// connection is lost: Redis cannot be told to forget a command. Whoever is cancelled leaves his command
    /// under way, and its answer comes to nobody. The connection may be destroyed meanwhile.
    net::awaitable<store_result<Reply>> command(const Words& words, Duration limit);

    void drop(const std::string& reason);
    bool is_open() const;

private:
    struct Call;
    using SteadyTime = std::chrono::steady_clock::time_point;

    store_result<std::shared_ptr<Call>> send(const Words& words, Duration limit);
    void on_reply(const redisReply* reply);
    void watch();

    std::shared_ptr<Link> link_;
    std::deque<std::shared_ptr<Call>> calls_;  ///< without an answer, oldest first
    std::size_t bytes_ = 0;                    ///< of their commands
    RedisLimits limits_;
    net::steady_timer watchdog_;
    bool is_watching_ = false;
    bool is_overdue_ = false;
};

using Opened = store_result<std::shared_ptr<Connection>>;

/// Looks the host up, connects to the first of its addresses that answers and logs in, all within the limit.
net::awaitable<Opened> open_connection(Address address, RedisLimits limits);

}  // namespace kurs::redis
