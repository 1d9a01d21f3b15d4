#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "stream_session.hpp"
#include "traffic.hpp"

namespace sim {

/// Serves one WebSocket client on a connection: upgrade, session, end. A client with a thousand queued frames
/// is disconnected.
boost::asio::awaitable<void> serve_websocket(boost::asio::ip::tcp::socket socket,
                                             boost::asio::ssl::context* tls, const WallClock& clock,
                                             StreamService& service, int line, Traffic& traffic);

}  // namespace sim
