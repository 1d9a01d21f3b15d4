#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>

#include "http_message.hpp"
#include "traffic.hpp"

namespace sim {

using AnswerRequest = std::function<Reply(const Request&, Instant)>;

/// Serves HTTP/1.1 on a connection until either side closes it. Every wait has a limit.
boost::asio::awaitable<void> serve_http(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                                        const WallClock& clock, const AnswerRequest& answer,
                                        Traffic& traffic);

}  // namespace sim
