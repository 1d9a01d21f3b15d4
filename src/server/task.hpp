#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

// The Asio types of all client code. They use the loop's own executor, not a type-erased one.
namespace kurs::server {

namespace net = boost::asio;

using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Task = net::awaitable<void, Executor>;

/// Makes an operation part of a connection's task.
inline constexpr net::use_awaitable_t<Executor> use_task;

}  // namespace kurs::server
