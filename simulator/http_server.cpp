#include "http_server.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <optional>

#include "http_wire.hpp"

namespace sim {
namespace {

using namespace wire;
using tcp = net::ip::tcp;

constexpr std::chrono::seconds idle_limit{75};
constexpr std::size_t body_limit = 64 * 1024;

template <class Stream>
net::awaitable<void> serve(Stream stream, const WallClock& clock, const AnswerRequest& answer,
                           Traffic& traffic) {
    beast::flat_buffer buffer;
    for (bool is_alive = true; is_alive;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(body_limit);
        beast::get_lowest_layer(stream).expires_after(idle_limit);
        error_code failure;
        co_await http::async_read(stream, buffer, parser, net::redirect_error(net::use_awaitable, failure));
        if (failure) co_return;
        ++traffic.requests;
        const bool keep_alive = parser.get().keep_alive();
        auto reply = answer(to_request(parser.get()), clock.now());
        is_alive = co_await write_reply(stream, std::move(reply), keep_alive);
    }
    error_code ignored;
    beast::get_lowest_layer(stream).socket().shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

net::awaitable<void> serve_http(tcp::socket socket, net::ssl::context* tls, const WallClock& clock,
                                const AnswerRequest& answer, Traffic& traffic) {
    beast::tcp_stream plain(std::move(socket));
    if (!tls) {
        co_await serve(std::move(plain), clock, answer, traffic);
        co_return;
    }
    net::ssl::stream<beast::tcp_stream> secure(std::move(plain), *tls);
    secure.next_layer().expires_after(wire::handshake_limit);
    error_code failure;
    const auto side = net::ssl::stream_base::server;
    co_await secure.async_handshake(side, net::redirect_error(net::use_awaitable, failure));
    if (!failure) co_await serve(std::move(secure), clock, answer, traffic);
}

}  // namespace sim
