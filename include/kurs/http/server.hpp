#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "kurs/http/push.hpp"
#include "kurs/http/service.hpp"
#include "kurs/runtime/clock.hpp"

namespace kurs::http {

namespace net = boost::asio;

struct ServerLimits {
    std::size_t connections = 4096;  ///< besides those of subscribers
    std::size_t header_bytes = 8 * 1024;
    std::size_t target_bytes = 4 * 1024;
    std::size_t body_bytes = 16 * 1024;
    Duration idle_limit{60'000};     ///< between two requests of a connection
    Duration request_limit{10'000};  ///< from a request's first byte to its last
    Duration write_limit{10'000};
    Duration linger_limit{2'000};  ///< from our last byte to the client's end of stream
    Duration stop_grace{500};      ///< in which an idle connection may still ask once when the server stops
    Duration stop_request_limit{1'500};  ///< from the stop to the last byte of a request
    Duration stop_write_limit{5'000};    ///< from the stop to the last byte of an answer
    Duration stop_linger_limit{200};     ///< instead of linger_limit
    PushLimits push = {};
    Duration accept_pause{100};  ///< after the system refused a connection, as when descriptors run out
};

/// Answers what is asked of history, or says why not. Bounded by itself in time and in number; must not
/// throw. Awaited by one connection, while the others are served.
using HistoryDesk = std::function<net::awaitable<HistoryAnswer>(HistoryQuestion)>;

/// Told of each answer: of which row of the routing table (empty: none), its status, and the time from the
/// last byte of the request that was read to the answer. Must not throw.
using RequestWatch =
    std::function<void(std::string_view route, unsigned status, std::chrono::nanoseconds took)>;

class Connection;
class Subscribers;
struct ConnectionContext;

/// Accepts connections and moves bytes between them and the service. Used on its loop only; must outlive the
/// loop's last handler.
class Server {
public:
    using Executor = net::io_context::executor_type;

    /// `service` and `clock` must outlive the server.
    Server(Executor executor, Service& service, const Clock& clock, HistoryDesk history, ServerLimits limits,
           RequestWatch on_answer = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Returns the bound port, which differs from `port` if that is 0, or a sentence that says why it failed.
    boost::system::result<std::uint16_t, std::string> listen(const std::string& address, std::uint16_t port);

    /// Accepts until cancelled or stopped.
    net::awaitable<void> run();

    /// Tells subscribers what is new, until cancelled.
    net::awaitable<void> tell_subscribers();

    /// Accepts whom the kernel has accepted already, then nobody; every connection ends after its next
    /// answer.
    void stop();

    /// To be awaited after `stop`: until all connections have ended, at most `limit`. Returns how many had to
    /// be cut.
    net::awaitable<std::size_t> drain(Duration limit);

    /// Subscribers included.
    std::size_t connections() const { return connections_.size(); }
    const PushCounts& push_counts() const;

private:
    using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
    using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                            net::wait_traits<std::chrono::steady_clock>, Executor>;
    using Connections = std::list<Connection>;

    void admit(Socket socket);
    void accept_backlog();
    void retire(Connections::iterator connection, bool was_turned_away, std::exception_ptr error);
    void check_deadlines();

    Executor executor_;
    std::unique_ptr<Subscribers> subscribers_;
    std::unique_ptr<ConnectionContext> context_;
    net::basic_socket_acceptor<net::ip::tcp, Executor> acceptor_;
    Timer tick_;     ///< the one timer for the deadlines of all connections
    Timer emptied_;  ///< cancelled when the last connection has ended
    Connections connections_;
    std::size_t turned_away_ = 0;  ///< those among them that only get a 503
};

}  // namespace kurs::http
