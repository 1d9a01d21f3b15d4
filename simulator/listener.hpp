#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <string>

#include "certificate.hpp"
#include "faults.hpp"
#include "traffic.hpp"

namespace sim {

/// A TLS context for each certificate.
struct TlsContexts {
    explicit TlsContexts(const Certificates& certificates);

    boost::asio::ssl::context good;
    boost::asio::ssl::context expired;
    boost::asio::ssl::context wrong_name;
};

/// Serves one client until it disconnects. Without a context: plain TCP.
using ServeClient =
    std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket, boost::asio::ssl::context* tls)>;

/// Accepts connections on one port and applies faults before the first byte.
class Listener {
public:
    struct Port {
        std::string address;
        std::uint16_t number = 0;
        Endpoint endpoint{};
        int line = 0;
        bool has_faults = true;  ///< false for the control port
    };

    /// Throws boost::system::system_error when the port cannot be bound.
    Listener(boost::asio::io_context& io, Port port, TlsContexts* tls, FaultTable& faults,
             const WallClock& clock, Traffic& traffic);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void start(ServeClient serve);

private:
    /// The treatment of a new connection.
    struct Admission {
        enum class Action { serve, hold, reset } action = Action::serve;
        boost::asio::ssl::context* tls = nullptr;
        bool is_counted = false;  ///< this connection used up the fault
    };

    boost::asio::awaitable<void> accept_forever(ServeClient serve);
    boost::asio::awaitable<void> attend(boost::asio::ip::tcp::socket socket, ServeClient serve);
    boost::asio::awaitable<void> hold(boost::asio::ip::tcp::socket socket, bool is_counted);
    Admission admit();

    boost::asio::io_context& io_;
    Port settings_;
    TlsContexts* tls_;
    FaultTable& faults_;
    const WallClock& clock_;
    Traffic& traffic_;
    boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace sim
