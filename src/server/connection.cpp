#include "server/connection.hpp"

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "server/push/streams.hpp"

namespace kurs::server {
namespace {

constexpr int most_answered = 32;                  ///< consecutive requests of one client
constexpr std::size_t most_unsent = 64 * 1024;     ///< limit on collected responses to pipelined requests
constexpr std::size_t piece = 64 * 1024;           ///< bytes of a response that the write limit applies to
constexpr std::size_t most_drained = 1024 * 1024;  ///< limit on input discarded after the last response
constexpr int kernel_buffer = 256 * 1024;          ///< of a client's responses: more delays other clients

void log_access(std::string_view method, std::string_view target, unsigned status,
                std::chrono::nanoseconds took) {
    spdlog::debug("http: {} {} status={} took_us={}", api::sanitised(method, 16), api::sanitised(target, 200),
                  status, std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

/// Empty if the client has disconnected already.
std::string peer_of(const Socket& socket) {
    boost::system::error_code failure;
    const auto peer = socket.remote_endpoint(failure);
    return failure ? "" : peer.address().to_string();
}

/// Limits the kernel's send buffer for a subscriber, and how long a vanished one is kept.
void bound_kernel(Socket& socket, const PushLimits& limits) {
    boost::system::error_code ignored;
    socket.set_option(net::socket_base::send_buffer_size(64 * 1024), ignored);
    const auto vanished_after = static_cast<unsigned>((limits.heartbeat_after + limits.write_limit).count());
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &vanished_after,
                 sizeof vanished_after);
}

}  // namespace

Connection::Connection(Socket socket, ConnectionContext& context)
    : socket_(std::move(socket)),
      context_(context),
      peer_(peer_of(socket_)),
      front_(context.front),
      parser_(context.limits) {
    boost::system::error_code ignored;
    socket_.set_option(net::socket_base::send_buffer_size(kernel_buffer), ignored);
    expect_request();
    deadline_ = request_deadline_;
}

Connection::~Connection() {
    if (has_subscribed_) --context_.subscribers;
}

Task Connection::serve() {
    for (;;) {
        send_at_once();
        if (!out_.is_empty() && !failure_) co_await send_rest();
        if (failure_ || is<Ending>()) break;
        if (is<Reading>()) {
            use_new_front();
            deadline_ = request_deadline_;
            const auto room = in_.room();
            const auto count =
                co_await socket_.async_read_some(room, net::redirect_error(use_task, failure_));
            receive(count);
        } else if (is<Answering>()) {
            // More input of this client is waiting: other clients go first.
            co_await net::post(use_task);
            answer_buffered();
        } else if (is<LookingUp>()) {
            co_await look_up();
        } else if (is<Subscribing>()) {
            co_await subscribe();
            if (is<Subscribed>()) co_return;
        }
    }
    co_await end();
}

Task Connection::turn_away() {
    refuse({503, "Too many connections. Retry in a second.", "Retry-After: 1\r\n"});
    send_at_once();
    co_await end();
}

void Connection::receive(std::size_t count) {
    if (!deadline_ && failure_ == net::error::operation_aborted) return expire();
    if (failure_) return;
    const auto& limits = context_.limits;
    if (!is_amid_request()) {
        request_deadline_ = no_later(after(limits.request_limit), limits.stop_request_limit);
    }
    received_ = std::chrono::steady_clock::now();
    in_.commit(count);
    answer_buffered();
}

/// The expected request did not arrive in time.
void Connection::expire() {
    failure_.clear();
    if (is_amid_request()) {
        return refuse({408, "The request did not arrive within " +
                                std::to_string(context_.limits.request_limit.count()) +
                                " milliseconds. Send it without delay."});
    }
    state_ = Ending{};
}

/// Answers until the input is used up, enough is waiting to be sent, or it must wait for something.
void Connection::answer_buffered() {
    state_ = Answering{};
    for (int answered = 0;;) {
        if (parser_.is_complete()) {
            if (out_.size() >= most_unsent || answered == most_answered) return;
            answer_one();
            if (!is<Answering>() || out_.ends_with_lasting()) return;
            ++answered;
            continue;
        }
        if (in_.is_empty()) break;
        in_.consume(parser_.feed(in_.bytes()));
        if (parser_.refusal()) return refuse(*parser_.refusal());
        if (parser_.is_complete()) continue;
        if (in_.is_full())
            return refuse({400, "A part of the request is too long. Send no chunk extensions."});
        if (parser_.take_expectation()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
        break;
    }
    state_ = Reading{};
}

void Connection::answer_one() {
    const auto now = front_->present();
    auto request = parser_.request();
    request.peer = peer_;
    auto outcome = front_->api.answer(request, now);
    if (const auto* const response = std::get_if<api::ResponseView>(&outcome))
        return finish_request(*response, now);
    if (auto* const lookup = std::get_if<api::Lookup>(&outcome))
        state_ = LookingUp{std::make_unique<const api::Lookup>(std::move(*lookup))};
    if (auto* const subscription = std::get_if<api::Subscription>(&outcome))
        state_ = Subscribing{std::make_unique<api::Subscription>(std::move(*subscription))};
}

/// The lookup limits the wait. Later requests of this client wait too, because responses must keep their
/// order.
Task Connection::look_up() {
    deadline_ = SteadyTime::max();
    const auto lookup = std::move(std::get<LookingUp>(state_).lookup);
    auto finding = front_->look_up(*lookup);
    const auto found = co_await net::co_spawn(socket_.get_executor(), std::move(finding), use_task);
    state_ = Answering{};
    const auto now = front_->present();
    finish_request(front_->api.answer(*lookup, found, now), now);
}

/// Earlier responses have been sent. Unless it is refused, the subscriber follows when `serve` has ended.
Task Connection::subscribe() {
    auto subscription = std::move(std::get<Subscribing>(state_).subscription);
    const bool is_web_socket = subscription->transport == api::Transport::web_socket;
    auto& all = *front_->subscribers;
    auto refusal = all.refusal(*subscription);
    if (!refusal && is_web_socket && !in_.is_empty()) {
        refusal = api::Problem{400, "Data was sent before the upgrade was complete. Wait for the response."};
    }
    if (refusal) {
        auto response = front_->api.refuse(*refusal);
        response.route = subscription->route;
        state_ = Answering{};
        co_return finish_request(response, front_->present());
    }
    state_ = Ending{};
    has_subscribed_ = true;
    ++context_.subscribers;
    note_answer(subscription->route, is_web_socket ? 101 : 200);
    const auto head = std::move(subscription->head);
    const auto make = is_web_socket ? make_web_socket : make_event_stream;
    auto subscriber = make(socket_, all, std::move(subscription));
    if (!is_web_socket) {
        // Spreads the reconnects of clients that are disconnected together.
        const auto retry = 1000 + 100 * (all.count() % 20);
        append({200, head, "retry: " + std::to_string(retry) + "\n\n"}, front_->present());
        send_at_once();
    }
    if (!out_.is_empty() && !failure_) co_await send_rest();
    if (failure_) co_return;
    // There are many subscribers, so they release the memory that only requests need.
    state_ = Subscribed{std::move(subscriber)};
    deadline_ = SteadyTime::max();
    in_ = {};
    out_ = {};
    parser_.close();
    bound_kernel(socket_, context_.limits.push);
}

Subscriber* Connection::subscriber() {
    const auto* const subscribed = std::get_if<Subscribed>(&state_);
    return subscribed ? subscribed->subscriber.get() : nullptr;
}

void Connection::finish_request(const api::ResponseView& response, TimePoint now) {
    // A client that requested a WebSocket may already have sent frames, which are not requests.
    const bool is_last =
        !parser_.keep_alive() || parser_.names_web_socket() || (context_.is_stopping && !may_more_follow());
    if (is_last) state_ = Ending{};
    append(response, now);
    note_answer(response.route, response.status);
    parser_.next();
    expect_request();
}

void Connection::note_answer(std::string_view route, unsigned status) {
    const auto took = std::chrono::steady_clock::now() - received_;
    if (front_->on_answer) front_->on_answer(route, status, took);
    if (spdlog::should_log(spdlog::level::debug))
        log_access(parser_.method_text(), parser_.request().target, status, took);
}

void Connection::refuse(const api::Problem& problem) {
    state_ = Ending{};
    append(front_->api.refuse(problem), front_->present());
    // The wait was for the client.
    if (front_->on_answer) front_->on_answer("", problem.status, {});
    if (spdlog::should_log(spdlog::level::debug)) {
        spdlog::debug("http: request refused, status={}, reason={}", problem.status, problem.detail);
    }
}

void Connection::append(const api::ResponseView& response, TimePoint now) {
    out_.append(response.head);
    out_.append(context_.date.at(now));
    if (is<Ending>()) {
        out_.append("Connection: close\r\n\r\n");
    } else {
        out_.append(parser_.is_http_1_0() ? "Connection: keep-alive\r\n\r\n" : "\r\n");
    }
    if (response.is_lasting) {
        out_.append_lasting(response.body);
    } else {
        out_.append(response.body);
    }
}

void Connection::send_at_once() {
    while (!out_.is_empty() && !failure_) {
        boost::system::error_code error;
        const auto sent = socket_.write_some(out_.front(out_.size()), error);
        out_.consume(sent);
        if (error == net::error::would_block) return;
        failure_ = error;
    }
}

Task Connection::send_rest() {
    while (!out_.is_empty() && !failure_) {
        deadline_ = no_later(after(context_.limits.write_limit), context_.limits.stop_write_limit);
        const auto next = out_.front(piece);
        const auto sent = co_await net::async_write(socket_, next, net::redirect_error(use_task, failure_));
        out_.consume(sent);
    }
}

/// Closes in order. If this socket were closed while the client still sends, a reset could destroy the last
/// response.
Task Connection::end() {
    state_ = Ending{};
    boost::system::error_code ignored;
    if (!failure_) socket_.shutdown(Socket::shutdown_send, ignored);
    out_.clear();
    const auto& limits = context_.limits;
    deadline_ = after(context_.is_stopping ? limits.stop_linger_limit : limits.linger_limit);
    for (std::size_t drained = 0; !failure_ && drained < most_drained;) {
        in_.clear();
        const auto room = in_.room();
        drained += co_await socket_.async_read_some(room, net::redirect_error(use_task, failure_));
    }
    socket_.close(ignored);
}

void Connection::use_new_front() {
    const bool must_leave = is<Subscribed>() && front_ != context_.front;
    if (must_leave) deadline_ = after(context_.limits.push.write_limit);
    const bool is_idle = is<Reading>() && out_.is_empty();
    if (is_idle && front_ != context_.front) front_ = context_.front;
}

void Connection::check_deadline() {
    if (!deadline_ || context_.latest_tick < *deadline_) return;
    deadline_.reset();
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::on_stop() {
    const auto& limits = context_.limits;
    if (is<Subscribed>()) return;  // the subscribers are stopped together
    if (!out_.is_empty()) {
        if (deadline_) deadline_ = no_later(*deadline_, limits.stop_write_limit);
        return;
    }
    if (is<Ending>()) {
        deadline_ = after(limits.stop_linger_limit);
        return;
    }
    if (is_amid_request()) request_deadline_ = no_later(request_deadline_, limits.stop_request_limit);
    if (!is_amid_request()) expect_request();
    if (is<Reading>() && deadline_) deadline_ = request_deadline_;
}

void Connection::abandon() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

/// Pipelined requests are answered, but a client that never pauses does not delay the stop.
bool Connection::may_more_follow() {
    if (context_.latest_tick >= context_.stopped_at + context_.limits.stop_grace) return false;
    boost::system::error_code ignored;
    return !in_.is_empty() || socket_.available(ignored) > 0;
}

void Connection::expect_request() {
    const auto& limits = context_.limits;
    const auto idle_limit = context_.is_stopping ? limits.stop_grace : limits.idle_limit;
    request_deadline_ = after(in_.is_empty() ? idle_limit : limits.request_limit);
}

}  // namespace kurs::server
