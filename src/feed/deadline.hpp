#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "kurs/domain/time.hpp"

namespace kurs {

namespace net = boost::asio;

/// Waits. False if it was cancelled; never throws, so that it may race against something.
net::awaitable<bool> pause_for(Duration duration);

/// What an operation on the socket ended with, or net::error::timed_out once the limit is over. The socket is
/// closed then, and on cancellation: a composed operation (TLS, HTTP, websocket) that is told to stop between
/// two of its steps does not notice, but none survives its socket. The operation must not throw; the socket
/// outlives the call.
net::awaitable<boost::system::error_code> within(Duration limit,
                                                 net::awaitable<boost::system::error_code> operation,
                                                 net::ip::tcp::socket::lowest_layer_type& socket);

}  // namespace kurs
