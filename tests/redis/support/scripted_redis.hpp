#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

#include "kurs/redis/address.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs::testing {

/// The server's side of one connection. Throws once the client has disconnected.
class Peer {
public:
    explicit Peer(net::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// The next command's words, separated by spaces.
    net::awaitable<std::string> read_command();
    net::awaitable<void> send(std::string bytes);

    /// Answers the PING of the login.
    net::awaitable<void> greet();

    net::awaitable<void> hold();  ///< reads and answers nothing

private:
    net::awaitable<std::string> read_line();
    net::awaitable<std::string> take(std::size_t bytes);

    net::ip::tcp::socket socket_;
    std::string received_;
};

/// The script for the n-th connection, starting with 1. Returning closes it.
using Script = std::function<net::awaitable<void>(Peer& peer, int connection)>;

/// A scripted server on 127.0.0.1, on its own port.
class ScriptedRedis {
public:
    ScriptedRedis(net::io_context& loop, Script script);

    redis::Address address() const;
    net::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
    int connections() const { return connections_; }
    void stop();

private:
    net::awaitable<void> accept();
    net::awaitable<void> serve(net::ip::tcp::socket socket, int connection);

    net::ip::tcp::acceptor acceptor_;
    Script script_;
    TaskGroup tasks_;
    int connections_ = 0;
};

}  // namespace kurs::testing
