#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <optional>
#include <string>

#include "kurs/domain/endpoint.hpp"
#include "kurs/runtime/task_group.hpp"

namespace kurs::testing {

struct WebsocketFrame {
    int opcode = 0;  ///< 1 text, 8 close, 9 ping, 10 pong
    std::string payload;
};

/// The server side of one connection. Implements WebSocket without Beast, so that it checks Beast's frames.
/// Throws when the client disconnects.
class Peer {
public:
    Peer(net::ip::tcp::socket socket, net::ssl::context* tls);

    net::awaitable<void> shake_hands();  ///< TLS, if the server has it

    net::awaitable<std::string> read_head();
    net::awaitable<std::string> read_bytes(std::size_t size);
    net::awaitable<void> send(std::string bytes);

    net::awaitable<void> upgrade();  ///< reads the request and answers 101
    net::awaitable<void> send_text(std::string text);
    net::awaitable<void> send_frame(int opcode, std::string payload);
    net::awaitable<void> send_close(unsigned code, std::string reason);
    net::awaitable<WebsocketFrame> read_frame();

    net::awaitable<void> hold();     ///< reads but never responds
    net::awaitable<void> neglect();  ///< does not read

    const std::string& head() const { return head_; }

private:
    net::awaitable<std::size_t> read_some(net::mutable_buffer into);
    net::awaitable<void> fill(std::size_t bytes);

    net::ip::tcp::socket socket_;
    std::optional<net::ssl::stream<net::ip::tcp::socket&>> encrypted_;
    std::string received_;
    std::string head_;
};

/// The script of the n-th connection, counted from 1. The connection closes when it returns.
using Script = std::function<net::awaitable<void>(Peer& peer, int connection)>;

/// A scripted server on a free port of 127.0.0.1.
class LoopbackServer {
public:
    LoopbackServer(net::io_context& loop, Script script, net::ssl::context* tls = nullptr);

    Endpoint endpoint() const;
    int connections() const { return connections_; }
    void stop();

private:
    net::awaitable<void> accept();
    net::awaitable<void> serve(net::ip::tcp::socket socket, int connection);

    net::ip::tcp::acceptor acceptor_;
    Script script_;
    net::ssl::context* tls_;
    TaskGroup tasks_;
    int connections_ = 0;
};

}  // namespace kurs::testing
