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

/// The server's side of one connection. Speaks websocket without Beast, so that it checks what Beast sends.
/// Throws once the client has gone.
class Peer {
public:
    Peer(net::ip::tcp::socket socket, net::ssl::context* tls);

    net::awaitable<void> shake_hands();  ///< TLS, if the server has it

    net::awaitable<std::string> read_head();
    net::awaitable<void> send(std::string bytes);

    net::awaitable<void> upgrade();  ///< reads the request and answers 101
    net::awaitable<void> send_text(std::string text);
    net::awaitable<void> send_frame(int opcode, std::string payload);
    net::awaitable<void> send_close(unsigned code, std::string reason);
    net::awaitable<WebsocketFrame> read_frame();

    net::awaitable<void> hold();     ///< reads and answers nothing
    net::awaitable<void> neglect();  ///< does not even read

    const std::string& head() const { return head_; }

private:
    net::awaitable<std::size_t> read_some(net::mutable_buffer into);
    net::awaitable<void> fill(std::size_t bytes);

    net::ip::tcp::socket socket_;
    std::optional<net::ssl::stream<net::ip::tcp::socket&>> encrypted_;
    std::string received_;
    std::string head_;
};

/// What to do with the n-th connection, from 1 on. Returning hangs up.
using Script = std::function<net::awaitable<void>(Peer& peer, int connection)>;

/// A scripted server on 127.0.0.1, on a port of its own.
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
