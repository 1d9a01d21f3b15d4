#include "kurs/server/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "kurs/runtime/task_group.hpp"
#include "server/connection.hpp"
#include "server/push/subscribers.hpp"

namespace kurs::server {
namespace {

using boost::system::error_code;

constexpr std::size_t most_turned_away = 64;  ///< clients above the limit that get a 503 and an orderly close

/// Maximum delay in noticing a passed deadline.
Duration tick_period(const ServerLimits& limits) {
    const auto shortest = std::min({limits.idle_limit, limits.request_limit, limits.write_limit,
                                    limits.linger_limit, limits.stop_grace});
    return std::clamp(shortest / 4, Duration{5}, Duration{250});
}

}  // namespace

Front::Front(Executor executor, api::Api& served, Present present_now, LookUp find, const PushLimits& limits,
             RequestWatch watch)
    : api(served),
      present(std::move(present_now)),
      look_up(std::move(find)),
      on_answer(std::move(watch)),
      subscribers(std::make_unique<Subscribers>(executor, api, present, limits)) {}

Front::~Front() = default;

net::awaitable<void> Front::tell_subscribers() {
    return subscribers->run();
}

const PushCounts& Front::push_counts() const {
    return subscribers->counts();
}

Server::Server(Executor executor, ServerLimits limits)
    : executor_(executor),
      context_(
          new ConnectionContext{nullptr, 0, limits, tick_period(limits), std::chrono::steady_clock::now()}),
      acceptor_(executor),
      tick_(executor),
      emptied_(executor) {}

Server::~Server() = default;

boost::system::result<std::uint16_t, std::string> Server::listen(const std::string& address,
                                                                 std::uint16_t port) {
    const auto where = "cannot listen on " + address + " port " + std::to_string(port) + ": ";
    error_code failure;
    const auto parsed = net::ip::make_address(address, failure);
    if (failure) return where + "not an IP address";
    const net::ip::tcp::endpoint endpoint(parsed, port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(net::socket_base::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(net::socket_base::max_listen_connections, failure);
    if (!failure) acceptor_.non_blocking(true, failure);
    if (failure) {
        error_code ignored;
        acceptor_.close(ignored);
        return where + failure.message();
    }
    check_deadlines();
    return acceptor_.local_endpoint().port();
}

void Server::use(std::shared_ptr<Front> front) {
    const auto previous = std::exchange(context_->front, std::move(front));
    for (auto& connection : connections_) connection.use_new_front();
    if (previous) previous->subscribers->stop();
}

net::awaitable<void> Server::run() {
    bool was_refused = false;
    while (acceptor_.is_open()) {
        Socket socket(executor_);
        error_code failure;
        co_await acceptor_.async_accept(socket, net::redirect_error(net::use_awaitable, failure));
        if (failure == net::error::operation_aborted) break;
        if (failure == net::error::connection_aborted) continue;
        if (failure) {
            if (!was_refused) spdlog::warn("http: cannot accept connections, reason={}", failure.message());
            was_refused = true;
            co_await sleep_for(context_->limits.accept_pause);
            continue;
        }
        was_refused = false;
        admit(std::move(socket));
    }
}

bool Server::is_stopping() const {
    return context_->is_stopping;
}

const ServerLimits& Server::limits() const {
    return context_->limits;
}

void Server::stop() {
    if (context_->is_stopping) return;
    context_->is_stopping = true;
    context_->stopped_at = std::chrono::steady_clock::now();
    accept_backlog();
    error_code ignored;
    acceptor_.close(ignored);
    for (auto& connection : connections_) connection.on_stop();
    context_->front->subscribers->stop();
    if (connections_.empty()) tick_.cancel();
}

net::awaitable<std::size_t> Server::drain(Duration limit) {
    error_code ended_early;
    if (!connections_.empty()) {
        emptied_.expires_after(limit);
        co_await emptied_.async_wait(net::redirect_error(net::use_awaitable, ended_early));
    }
    const auto left = connections_.size();
    for (auto& connection : connections_) connection.abandon();
    if (left > 0) {
        // Their operations have failed by now; this only lets the tasks see it.
        emptied_.expires_after(std::chrono::seconds(1));
        co_await emptied_.async_wait(net::redirect_error(net::use_awaitable, ended_early));
    }
    co_return left;
}

void Server::admit(Socket socket) {
    error_code ignored;
    socket.set_option(net::ip::tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    const auto asking = connections_.size() - turned_away_ - context_->subscribers;
    // Subscribers that linger count against neither limit.
    const auto most = context_->limits.connections + context_->limits.push.subscribers;
    const bool is_full = asking >= context_->limits.connections || connections_.size() - turned_away_ >= most;
    if (is_full && turned_away_ >= most_turned_away)
        return;  // closed without a response: even this queue is full
    if (is_full) ++turned_away_;
    connections_.emplace_front(std::move(socket), *context_);
    const auto connection = connections_.begin();
    start(connection, is_full ? connection->turn_away() : connection->serve(), is_full);
}

void Server::start(Connections::iterator connection, Task task, bool is_turned_away) {
    net::co_spawn(executor_, std::move(task), [this, connection, is_turned_away](std::exception_ptr error) {
        auto* const subscriber = error ? nullptr : connection->subscriber();
        if (!subscriber) return retire(connection, is_turned_away, error);
        subscriber->run([this, connection] { start(connection, connection->end(), false); });
    });
}

void Server::accept_backlog() {
    // Bounded, since clients may arrive as fast as they are accepted.
    for (std::size_t i = 0; i < context_->limits.connections; ++i) {
        Socket socket(executor_);
        error_code failure;
        acceptor_.accept(socket, failure);
        if (failure) return;
        admit(std::move(socket));
    }
}

void Server::retire(Connections::iterator connection, bool was_turned_away, std::exception_ptr error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        spdlog::error("http: connection failed, reason={}", failure.what());
    }
    connections_.erase(connection);
    if (was_turned_away) --turned_away_;
    if (!connections_.empty()) return;
    emptied_.cancel();
    if (context_->is_stopping) tick_.cancel();
}

void Server::check_deadlines() {
    context_->latest_tick = std::chrono::steady_clock::now();
    for (auto& connection : connections_) connection.check_deadline();
    tick_.expires_after(context_->tick_every);
    tick_.async_wait([this](error_code cancelled) {
        const bool is_over = context_->is_stopping && connections_.empty();
        if (!cancelled && !is_over) check_deadlines();
    });
}

}  // namespace kurs::server
