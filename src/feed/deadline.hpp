#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "kurs/domain/time.hpp"

namespace kurs {

namespace net = boost::asio;

/// Waits for the duration. Returns false if cancelled. Never throws, so it can take part in a parallel group.
net::awaitable<bool> pause_for(Duration duration);

/// The result of an operation on the socket, or net::error::timed_out after the limit. On timeout and on
/// cancellation the socket is closed: a composed operation (TLS, HTTP, WebSocket) that is cancelled between
/// two of its steps does not notice, but none outlives its socket. The operation must not throw; the socket
/// must outlive the call.
net::awaitable<boost::system::error_code> within(Duration limit,
                                                 net::awaitable<boost::system::error_code> operation,
                                                 net::ip::tcp::socket::lowest_layer_type& socket);

}  // namespace kurs
