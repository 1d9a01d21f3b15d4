#include "support/scripted_redis.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

namespace kurs::testing {

net::awaitable<std::string> Peer::read_command() {
    const auto header = co_await read_line();
    std::string words;
    for (auto left = std::stoul(header.substr(1)); left > 0; --left) {
        const auto size = co_await read_line();
        const auto word = co_await take(std::stoul(size.substr(1)) + 2);
        if (!words.empty()) words += ' ';
        words += word.substr(0, word.size() - 2);
    }
    co_return words;
}

net::awaitable<std::string> Peer::read_line() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n")) == std::string::npos) {
        const auto had = received_.size();
        const auto more = co_await take(had + 1);
        received_.insert(0, more);
    }
    const auto line = co_await take(end + 2);
    co_return line.substr(0, end);
}

net::awaitable<std::string> Peer::take(std::size_t bytes) {
    while (received_.size() < bytes) {
        std::string piece(4096, '\0');
        const auto size = co_await socket_.async_read_some(net::buffer(piece), net::use_awaitable);
        received_.append(piece, 0, size);
    }
    auto taken = received_.substr(0, bytes);
    received_.erase(0, bytes);
    co_return taken;
}

net::awaitable<void> Peer::send(std::string bytes) {
    co_await net::async_write(socket_, net::buffer(bytes), net::use_awaitable);
}

net::awaitable<void> Peer::greet() {
    co_await read_command();
    co_await send("+PONG\r\n");
}

net::awaitable<void> Peer::hold() {
    for (;;) co_await take(received_.size() + 1);
}

ScriptedRedis::ScriptedRedis(net::io_context& loop, Script script)
    : acceptor_(loop, net::ip::tcp::endpoint(net::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      tasks_(loop.get_executor()) {
    std::signal(SIGPIPE, SIG_IGN);  // as in main
    tasks_.spawn("accept", accept());
}

redis::Address ScriptedRedis::address() const {
    redis::Address address;
    address.host = "127.0.0.1";
    address.port = endpoint().port();
    return address;
}

void ScriptedRedis::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    tasks_.stop();
}

net::awaitable<void> ScriptedRedis::accept() {
    while (acceptor_.is_open()) {
        auto socket = co_await acceptor_.async_accept(net::use_awaitable);
        tasks_.spawn("connection", serve(std::move(socket), ++connections_));
    }
}

net::awaitable<void> ScriptedRedis::serve(net::ip::tcp::socket socket, int connection) {
    Peer peer(std::move(socket));
    try {
        co_await script_(peer, connection);
    } catch (const boost::system::system_error&) {
        // The client disconnected, which every script must expect.
    }
}

}  // namespace kurs::testing
