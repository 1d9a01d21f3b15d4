#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kurs/redis/address.hpp"
#include "kurs/redis/log_store.hpp"
#include "redis/reply.hpp"

namespace kurs::redis {

using SteadyTime = std::chrono::steady_clock::time_point;

/// One connection to Redis, for one command at a time. Once a command has failed or was cancelled, the
/// connection cannot be used any more: a late reply would be taken for that of the next command.
class Connection {
public:
    using Words = std::vector<std::string>;

    Connection(const net::any_io_executor& loop, const RedisLimits& limits);

    /// To be called once, before everything else. Returns why it failed.
    net::awaitable<std::optional<LogFailure>> connect(const net::ip::tcp::endpoint& address,
                                                      SteadyTime until);

    /// To be called next if the server has TLS. Its certificate must be valid for the host.
    net::awaitable<std::optional<LogFailure>> secure(const TlsTrust& trust, const std::string& host,
                                                     SteadyTime until);

    /// An error reply is a reply too.
    net::awaitable<log_result<Reply>> command(const Words& words, SteadyTime until);

    /// Whether it can take a command. Not if Redis has disconnected, or has sent an unexpected reply.
    bool is_ready();

    /// Makes the command in progress fail.
    void close() { stream_.close(); }

private:
    LogFailure failure_of(const boost::system::error_code& error) const;
    net::awaitable<void> write(const std::string& bytes, boost::system::error_code& error);
    net::awaitable<std::size_t> read_some(boost::system::error_code& error);

    boost::beast::tcp_stream stream_;
    std::optional<net::ssl::stream<boost::beast::tcp_stream&>> tls_;  ///< over `stream_`
    ReplyReader replies_;
    std::array<char, 16UL * 1024> piece_{};
    bool is_idle_ = false;
};

using Opened = log_result<std::unique_ptr<Connection>>;

/// Resolves the host, connects to the first address that responds and logs in, all within the limit.
net::awaitable<Opened> open_connection(const Address& address, const RedisLimits& limits,
                                       const TlsTrust* trust = nullptr);

}  // namespace kurs::redis
