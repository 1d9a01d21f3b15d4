#include "support/loopback_server.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace kurs::testing {
namespace {

std::string header_of(const std::string& head, const std::string& name) {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string accept_key(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    unsigned char encoded[32];
    const int size = EVP_EncodeBlock(encoded, digest, SHA_DIGEST_LENGTH);
    return {reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(size)};
}

void append_big_endian(std::string& text, std::uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        text += static_cast<char>((value >> shift) & 0xff);
}

}  // namespace

Peer::Peer(net::ip::tcp::socket socket, net::ssl::context* tls) : socket_(std::move(socket)) {
    if (tls) encrypted_.emplace(socket_, *tls);
}

net::awaitable<void> Peer::shake_hands() {
    if (encrypted_) co_await encrypted_->async_handshake(net::ssl::stream_base::server, net::use_awaitable);
}

net::awaitable<std::size_t> Peer::read_some(net::mutable_buffer into) {
    if (encrypted_) co_return co_await encrypted_->async_read_some(into, net::use_awaitable);
    co_return co_await socket_.async_read_some(into, net::use_awaitable);
}

net::awaitable<void> Peer::fill(std::size_t bytes) {
    char chunk[4096];
    const auto buffer = net::buffer(chunk);
    while (received_.size() < bytes) {
        const std::size_t size = co_await read_some(buffer);
        received_.append(chunk, size);
    }
}

net::awaitable<std::string> Peer::read_head() {
    std::size_t end = received_.find("\r\n\r\n");
    while (end == std::string::npos) {
        co_await fill(received_.size() + 1);
        end = received_.find("\r\n\r\n");
    }
    head_ = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    co_return head_;
}

net::awaitable<std::string> Peer::read_bytes(std::size_t size) {
    co_await fill(size);
    const std::string bytes = received_.substr(0, size);
    received_.erase(0, size);
    co_return bytes;
}

net::awaitable<void> Peer::send(std::string bytes) {
    const auto buffer = net::buffer(bytes);
    if (encrypted_) {
        co_await net::async_write(*encrypted_, buffer, net::use_awaitable);
    } else {
        co_await net::async_write(socket_, buffer, net::use_awaitable);
    }
}

net::awaitable<void> Peer::upgrade() {
    const std::string head = co_await read_head();
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: " +
        accept_key(header_of(head, "Sec-WebSocket-Key")) + "\r\n\r\n";
    co_await send(answer);
}

net::awaitable<void> Peer::send_frame(int opcode, std::string payload) {
    std::string frame(1, static_cast<char>(0x80 | opcode));
    if (payload.size() < 126) {
        append_big_endian(frame, payload.size(), 1);
    } else if (payload.size() < 65'536) {
        frame += static_cast<char>(126);
        append_big_endian(frame, payload.size(), 2);
    } else {
        frame += static_cast<char>(127);
        append_big_endian(frame, payload.size(), 8);
    }
    frame += payload;
    co_await send(frame);
}

net::awaitable<void> Peer::send_text(std::string text) {
    return send_frame(1, std::move(text));
}

net::awaitable<void> Peer::send_close(unsigned code, std::string reason) {
    std::string payload;
    append_big_endian(payload, code, 2);
    return send_frame(8, payload + reason);
}

net::awaitable<WebsocketFrame> Peer::read_frame() {
    co_await fill(2);
    WebsocketFrame frame;
    frame.opcode = received_[0] & 0x0f;
    std::size_t size = received_[1] & 0x7f;
    std::size_t at = 2;
    if (size == 126) {
        co_await fill(4);
        size = static_cast<unsigned char>(received_[2]) * 256u + static_cast<unsigned char>(received_[3]);
        at = 4;
    }
    co_await fill(at + 4 + size);
    const std::string mask = received_.substr(at, 4);
    for (std::size_t i = 0; i < size; ++i)
        frame.payload += static_cast<char>(received_[at + 4 + i] ^ mask[i % 4]);
    received_.erase(0, at + 4 + size);
    co_return frame;
}

net::awaitable<void> Peer::hold() {
    for (;;) co_await fill(received_.size() + 1);
}

net::awaitable<void> Peer::neglect() {
    return sleep_for(std::chrono::hours{1});
}

LoopbackServer::LoopbackServer(net::io_context& loop, Script script, net::ssl::context* tls)
    : acceptor_(loop, net::ip::tcp::endpoint(net::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      tls_(tls),
      tasks_(loop.get_executor()) {
    tasks_.spawn("accept", accept());
}

Endpoint LoopbackServer::endpoint() const {
    return {tls_ != nullptr, "127.0.0.1", acceptor_.local_endpoint().port(), ""};
}

void LoopbackServer::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    tasks_.stop();
}

net::awaitable<void> LoopbackServer::accept() {
    for (;;) {
        auto socket = co_await acceptor_.async_accept(net::use_awaitable);
        tasks_.spawn("connection", serve(std::move(socket), ++connections_));
    }
}

net::awaitable<void> LoopbackServer::serve(net::ip::tcp::socket socket, int connection) {
    Peer peer(std::move(socket), tls_);
    try {
        co_await peer.shake_hands();
        co_await script_(peer, connection);
    } catch (const boost::system::system_error&) {
        // The client disconnected, which is no error of the script.
    }
}

}  // namespace kurs::testing
