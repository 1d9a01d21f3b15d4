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

#include "kurs/api/api.hpp"
#include "kurs/runtime/clock.hpp"
#include "kurs/server/limits.hpp"

namespace kurs::server {

namespace net = boost::asio;

/// Finds what a request waits for. Limits its own time and concurrency; must not throw. Awaited by one
/// connection while the others are served.
using LookUp = std::function<net::awaitable<api::Finding>(api::Lookup)>;

/// Called for each response: the path of its route (empty: none), its status, and the time from the last byte
/// read of the request to the response. Must not throw.
using RequestWatch =
    std::function<void(std::string_view route, unsigned status, std::chrono::nanoseconds took)>;

class Connection;
class Subscribers;
struct ConnectionContext;

/// The API, its lookups and subscribers that answer requests. Ownership is shared, so that the server can
/// switch to another one while connections still use this one.
struct Front {
    using Executor = net::io_context::executor_type;

    /// `api` must outlive it.
    Front(Executor executor, api::Api& api, Present present, LookUp look_up, const PushLimits& limits,
          RequestWatch on_answer = {});
    ~Front();
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// Sends changes to subscribers until cancelled.
    net::awaitable<void> tell_subscribers();
    const PushCounts& push_counts() const;

    api::Api& api;
    Present present;
    LookUp look_up;
    RequestWatch on_answer;
    std::unique_ptr<Subscribers> subscribers;
};

/// Accepts connections and moves bytes between them and the API. Used on its loop only; must outlive the
/// loop's last handler.
class Server {
public:
    using Executor = Front::Executor;

    Server(Executor executor, ServerLimits limits);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Returns the bound port, which differs from `port` if that is 0, or a sentence that names the failure.
    boost::system::result<std::uint16_t, std::string> listen(const std::string& address, std::uint16_t port);

    /// Requests are answered with this from now on. Called before `run`, and again for another front:
    /// subscribers of the previous one are then disconnected in order, and other connections stay open.
    void use(std::shared_ptr<Front> front);

    /// Accepts until cancelled or stopped.
    net::awaitable<void> run();

    /// Takes the connections in the kernel's backlog and stops listening. A connection closes after its last
    /// pending response, or after `stop_grace` if it is idle.
    void stop();

    /// To be awaited after `stop`: returns when all connections have closed or after `limit`. Returns how
    /// many were closed forcibly.
    net::awaitable<std::size_t> drain(Duration limit);

    /// Includes subscribers.
    std::size_t connections() const { return connections_.size(); }
    bool is_stopping() const;
    const ServerLimits& limits() const;

private:
    using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
    using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                            net::wait_traits<std::chrono::steady_clock>, Executor>;
    using Task = net::awaitable<void, Executor>;
    using Connections = std::list<Connection>;

    void admit(Socket socket);
    void start(Connections::iterator connection, Task task, bool is_turned_away);
    void accept_backlog();
    void retire(Connections::iterator connection, bool was_turned_away, std::exception_ptr error);
    void check_deadlines();

    Executor executor_;
    std::unique_ptr<ConnectionContext> context_;
    net::basic_socket_acceptor<net::ip::tcp, Executor> acceptor_;
    Timer tick_;     ///< the one timer for the deadlines of all connections
    Timer emptied_;  ///< cancelled when the last connection has closed
    Connections connections_;
    std::size_t turned_away_ = 0;  ///< connections that only receive a 503
};

}  // namespace kurs::server
