#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <string>

#include "kurs/domain/endpoint.hpp"
#include "kurs/feed/connect_limits.hpp"

namespace kurs {

namespace net = boost::asio;

using TcpStream = net::ip::tcp::socket;
using TlsStream = net::ssl::stream<TcpStream>;

/// Why the connection failed, for the log.
struct ConnectFailure {
    std::string text;
    bool is_untrusted = false;  ///< the certificate is not trusted
};

using Dialled = boost::system::result<TcpStream, ConnectFailure>;

/// Resolves the endpoint's host and connects to the first address that accepts.
net::awaitable<Dialled> dial(Endpoint endpoint, ConnectLimits limits);

/// Performs the TLS handshake. The certificate must be valid for `host`. The stream must outlive the call.
net::awaitable<std::optional<ConnectFailure>> secure(TlsStream& stream, std::string host, Duration limit);

}  // namespace kurs
