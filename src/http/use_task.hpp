#pragma once

#include <boost/asio/use_awaitable.hpp>

#include "kurs/http/server.hpp"

namespace kurs::http {

/// Makes an operation a part of a connection's task.
inline constexpr net::use_awaitable_t<Server::Executor> use_task;

}  // namespace kurs::http
