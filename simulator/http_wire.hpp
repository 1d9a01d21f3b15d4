#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "http_message.hpp"
#include "stream_name.hpp"

/// HTTP on a stream, plain or TLS: shared by the HTTP server and refused upgrades.
namespace sim::wire {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

inline constexpr std::chrono::seconds handshake_limit{15};

inline constexpr std::chrono::minutes longest_hold{10};

inline Request to_request(const http::request<http::string_body>& message) {
    Request request;
    request.method = std::string{message.method_string()};
    const auto target = message.target();
    parse_target({target.data(), target.size()}, request);
    for (const auto& field : message) {
        const auto name = field.name_string();
        request.headers[to_lower({name.data(), name.size()})] = std::string{field.value()};
    }
    request.body = message.body();
    return request;
}

template <class Stream>
net::awaitable<bool> write_text(Stream& stream, const std::string& text) {
    error_code failure;
    beast::get_lowest_layer(stream).expires_after(longest_hold);
    const auto bytes = net::buffer(text);
    co_await net::async_write(stream, bytes, net::redirect_error(net::use_awaitable, failure));
    co_return !failure;
}

/// Sends ten pieces, spread over the duration.
template <class Stream>
net::awaitable<bool> trickle(Stream& stream, std::string text, Millis duration) {
    constexpr std::size_t pieces = 10;
    net::steady_timer pause(stream.get_executor());
    const auto size = text.size() / pieces + 1;
    for (std::size_t at = 0; at < text.size(); at += size) {
        pause.expires_after(duration / pieces);
        co_await pause.async_wait(net::use_awaitable);
        const auto piece = text.substr(at, size);
        const bool written = co_await write_text(stream, piece);
        if (!written) co_return false;
    }
    co_return true;
}

/// Sends nothing and waits for the client to disconnect.
template <class Stream>
net::awaitable<void> wait_for_close(Stream& stream) {
    beast::get_lowest_layer(stream).expires_after(longest_hold);
    std::array<char, 1024> unread;
    const auto room = net::buffer(unread);
    error_code failure;
    while (!failure) co_await stream.async_read_some(room, net::redirect_error(net::use_awaitable, failure));
}

/// Sends the reply as it specifies. Returns false if the connection must not be reused.
template <class Stream>
net::awaitable<bool> write_reply(Stream& stream, Reply reply, bool keep_alive) {
    const auto head = head_of(reply, keep_alive);
    bool is_alive = keep_alive;
    switch (reply.delivery) {
        case Delivery::normal: {
            const auto whole = head + reply.body;
            is_alive = co_await write_text(stream, whole) && keep_alive;
            break;
        }
        case Delivery::slow_headers: {
            is_alive = co_await trickle(stream, head, reply.duration);
            is_alive = is_alive && co_await write_text(stream, reply.body) && keep_alive;
            break;
        }
        case Delivery::slow_body: {
            is_alive = co_await write_text(stream, head);
            is_alive = is_alive && co_await trickle(stream, reply.body, reply.duration) && keep_alive;
            break;
        }
        case Delivery::cut_body: {
            const auto part = head + reply.body.substr(0, reply.body.size() / 2);
            co_await write_text(stream, part);
            is_alive = false;
            break;
        }
        case Delivery::wrong_length: {
            const auto whole = head + reply.body;
            co_await write_text(stream, whole);
            co_await wait_for_close(stream);
            is_alive = false;
            break;
        }
        case Delivery::never: {
            co_await wait_for_close(stream);
            is_alive = false;
            break;
        }
        case Delivery::reset: {
            error_code ignored;
            auto& lowest = beast::get_lowest_layer(stream);
            lowest.socket().set_option(net::socket_base::linger(true, 0), ignored);
            lowest.close();
            is_alive = false;
            break;
        }
    }
    co_return is_alive;
}

}  // namespace sim::wire
