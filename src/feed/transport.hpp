#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"
#include "kurs/feed/connect_limits.hpp"
#include "kurs/runtime/tls_trust.hpp"

namespace kurs {

namespace net = boost::asio;

/// A connection to a venue, plain or over TLS. One type for both, so that HTTP and WebSocket are compiled
/// once.
class Transport {
public:
    using Plain = net::ip::tcp::socket;
    using Tls = net::ssl::stream<Plain>;
    using Socket = Plain::lowest_layer_type;
    using executor_type = net::any_io_executor;

    explicit Transport(Plain socket) : stream_(std::move(socket)) {}
    explicit Transport(Tls stream) : stream_(std::move(stream)) {}

    executor_type get_executor() { return lowest_layer().get_executor(); }

    Socket& lowest_layer() {
        return std::visit([](auto& stream) -> Socket& { return stream.lowest_layer(); }, stream_);
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        const auto start = [this](auto handler, const Buffers& into) {
            std::visit([&](auto& stream) { stream.async_read_some(into, std::move(handler)); }, stream_);
        };
        return net::async_initiate<Token, Completion>(start, token, buffers);
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        const auto start = [this](auto handler, const Buffers& from) {
            std::visit([&](auto& stream) { stream.async_write_some(from, std::move(handler)); }, stream_);
        };
        return net::async_initiate<Token, Completion>(start, token, buffers);
    }

private:
    using Completion = void(boost::system::error_code, std::size_t);

    std::variant<Plain, Tls> stream_;
};

/// Why the connection failed, for the log.
struct ConnectFailure {
    std::string text;
    bool is_untrusted = false;  ///< the certificate is not trusted
};

using Dialled = boost::system::result<Transport, ConnectFailure>;

/// The way to a venue.
struct Way {
    Endpoint endpoint;
    std::optional<Proxy> proxy;
    const TlsTrust& trust;          ///< must outlive the transport
    std::size_t first_address = 0;  ///< which of the addresses is tried first
};

/// Connects to the address of the endpoint's host, or of the proxy's, that accepts first (RFC 8305). Performs
/// the TLS handshake on that connection if the endpoint has TLS; the certificate must be valid for the
/// endpoint's host. If the handshake or the proxy's tunnel fails, the call fails: no other address is tried.
net::awaitable<Dialled> dial(Way way, ConnectLimits limits);

}  // namespace kurs
