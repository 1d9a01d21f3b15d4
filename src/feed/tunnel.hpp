#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "kurs/domain/endpoint.hpp"
#include "kurs/domain/proxy.hpp"

namespace kurs {

namespace net = boost::asio;

/// A connection through a proxy: asks it to connect to the endpoint. The references must outlive the tunnel.
class Tunnel {
public:
    Tunnel(net::ip::tcp::socket& socket, const Proxy& proxy, const Endpoint& endpoint)
        : socket_(socket), proxy_(proxy), endpoint_(endpoint) {}

    /// `socket` is connected to the proxy. Afterwards it carries the endpoint's bytes. Fails with
    /// `access_denied` if the proxy refuses, or with an error of the socket.
    net::awaitable<boost::system::error_code> open();

    /// Why the proxy refused, for the log; empty if it did not.
    const std::string& refusal() const { return refusal_; }

private:
    net::awaitable<boost::system::error_code> open_by_connect();
    net::awaitable<boost::system::error_code> open_by_socks();
    net::awaitable<boost::system::error_code> log_in();
    net::awaitable<boost::system::error_code> read_bound_address();

    net::awaitable<boost::system::error_code> send(std::string bytes);
    net::awaitable<boost::system::error_code> read(std::size_t size);  ///< into received_

    boost::system::error_code refuse(std::string reason);
    unsigned received(std::size_t position) const { return static_cast<unsigned char>(received_[position]); }

    net::ip::tcp::socket& socket_;
    const Proxy& proxy_;
    const Endpoint& endpoint_;
    std::string received_;
    std::string refusal_;
};

}  // namespace kurs
