#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "kurs/http/push.hpp"

namespace kurs::http {

namespace net = boost::asio;

using ClientSocket = net::basic_stream_socket<net::ip::tcp, net::io_context::executor_type>;
using ClientTask = net::awaitable<void, net::io_context::executor_type>;

/// Bounds what the kernel holds for a subscriber, and how long for one that has vanished.
void bound_kernel(ClientSocket& socket, const PushLimits& limits);

}  // namespace kurs::http
