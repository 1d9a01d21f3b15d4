#include "http/connection.hpp"
#include "http/use_task.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace kurs::http {
namespace {

constexpr int most_answered = 32;                  ///< requests of one client in a row
constexpr std::size_t most_unsent = 64 * 1024;     ///< answers to pipelined requests are gathered up to here
constexpr std::size_t piece = 64 * 1024;           ///< of an answer, for which the write limit holds
constexpr std::size_t most_drained = 1024 * 1024;  ///< of what a client still sends after the last answer

void log_access(std::string_view method, std::string_view target, unsigned status,
                std::chrono::nanoseconds took) {
    spdlog::debug("http {} {} {} {} us", sanitised(method, 16), sanitised(target, 200), status,
                  std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

}  // namespace

Connection::Connection(Socket socket, ConnectionContext& context)
    : socket_(std::move(socket)), context_(context), parser_(context.limits) {
    expect_request();
    enter(Phase::reading, request_deadline_);
}

Connection::Task Connection::serve() {
    while (!is_last_ && !failure_) {
        enter(Phase::reading, request_deadline_);
        const auto room = in_.room();
        const auto count = co_await socket_.async_read_some(room, net::redirect_error(use_task, failure_));
        receive(count);
        bool goes_on = true;
        while (goes_on && !failure_) {
            answer_buffered();
            const bool is_held = out_.ends_with_lasting();  // what was asked behind it has not been looked at
            send_at_once();
            if (!out_.is_empty() && !failure_) co_await send_rest();
            if (pending_ && !failure_) co_await ask_history();
            if (subscription_ && !failure_) co_await subscribe();
            // More of this client is waiting: the others have their turn first.
            goes_on = is_held || is_amid_answers();
            if (goes_on) co_await net::post(use_task);
        }
    }
    co_await end();
}

Connection::Task Connection::turn_away() {
    refuse({503, "Too many connections. Ask again in a second.", "Retry-After: 1\r\n"});
    send_at_once();
    co_await end();
}

void Connection::receive(std::size_t count) {
    if (is_overdue_ && failure_ == net::error::operation_aborted) {
        failure_.clear();
        is_last_ = true;
        if (is_amid_request()) {
            refuse({408, "The request did not arrive within " +
                             std::to_string(context_.limits.request_limit.count()) +
                             " milliseconds. Send it at once."});
        }
        return;
    }
    const auto& limits = context_.limits;
    if (count > 0 && !is_amid_request()) {
        request_deadline_ = no_later(after(limits.request_limit), limits.stop_request_limit);
    }
    received_ = std::chrono::steady_clock::now();
    in_.commit(count);
}

/// Answers until the input is used up or enough is waiting to be sent, or until something must be waited for;
/// then a complete request is left in the parser.
void Connection::answer_buffered() {
    for (int answered = 0; !is_last_;) {
        if (parser_.is_complete()) {
            if (out_.size() >= most_unsent || answered == most_answered) return;
            answer_one();
            if (pending_ || subscription_ || out_.ends_with_lasting()) return;
            ++answered;
            continue;
        }
        if (in_.is_empty()) return;
        in_.consume(parser_.feed(in_.bytes()));
        if (parser_.refusal()) return refuse(*parser_.refusal());
        if (parser_.is_complete()) continue;
        if (in_.is_full())
            return refuse({400, "A part of the request is too long. Send no chunk extensions."});
        if (parser_.take_expectation()) out_.append("HTTP/1.1 100 Continue\r\n\r\n");
        return;
    }
}

void Connection::answer_one() {
    const auto now = context_.clock.now();
    const auto request = parser_.request();
    auto answer = context_.service.answer(request, now);
    if (const auto* const reply = std::get_if<Reply>(&answer)) return finish_request(*reply, now);
    if (auto* const pending = std::get_if<PendingAnswer>(&answer)) pending_ = std::move(*pending);
    if (auto* const subscription = std::get_if<Subscription>(&answer))
        subscription_ = std::move(*subscription);
}

/// The wait is bounded by whom we ask. Later requests of this client wait too, as their answers must not come
/// first.
Connection::Task Connection::ask_history() {
    enter(Phase::asking_history, SteadyTime::max());
    auto asking = context_.history(pending_->question);
    const auto history = co_await net::co_spawn(socket_.get_executor(), std::move(asking), use_task);
    finish_request(context_.service.answer(*pending_, history), context_.clock.now());
    pending_.reset();
}

void Connection::finish_request(const Reply& reply, TimePoint now) {
    // A client that asked for WebSocket may have sent frames already, which are no requests.
    is_last_ =
        !parser_.keep_alive() || parser_.names_web_socket() || (context_.is_stopping && !may_more_follow());
    append(reply, now);
    note_answer(reply.route, reply.status);
    parser_.next();
    expect_request();
}

void Connection::note_answer(std::string_view route, unsigned status) {
    const auto took = std::chrono::steady_clock::now() - received_;
    if (context_.on_answer) context_.on_answer(route, status, took);
    if (spdlog::should_log(spdlog::level::debug))
        log_access(parser_.method_text(), parser_.request().target, status, took);
}

void Connection::refuse(const Problem& problem) {
    is_last_ = true;
    append(context_.service.refuse(problem), context_.clock.now());
    // What was waited for was the client's.
    if (context_.on_answer) context_.on_answer("", problem.status, {});
    if (spdlog::should_log(spdlog::level::debug)) {
        spdlog::debug("http {} refused: {}", problem.status, problem.detail);
    }
}

void Connection::append(const Reply& reply, TimePoint now) {
    out_.append(reply.head);
    out_.append(context_.date.at(now));
    if (is_last_) {
        out_.append("Connection: close\r\n\r\n");
    } else {
        out_.append(parser_.is_http_1_0() ? "Connection: keep-alive\r\n\r\n" : "\r\n");
    }
    if (reply.is_lasting) {
        out_.append_lasting(reply.body);
    } else {
        out_.append(reply.body);
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

Connection::Task Connection::send_rest() {
    while (!out_.is_empty() && !failure_) {
        enter(Phase::writing, no_later(after(context_.limits.write_limit), context_.limits.stop_write_limit));
        const auto next = out_.front(piece);
        const auto sent = co_await net::async_write(socket_, next, net::redirect_error(use_task, failure_));
        out_.consume(sent);
    }
}

/// Closes in order: a client that still sends when its socket here is closed would lose our last answer to a
/// reset.
Connection::Task Connection::end() {
    boost::system::error_code ignored;
    if (!failure_) socket_.shutdown(Socket::shutdown_send, ignored);
    const auto& limits = context_.limits;
    enter(Phase::lingering, after(context_.is_stopping ? limits.stop_linger_limit : limits.linger_limit));
    for (std::size_t drained = 0; !failure_ && drained < most_drained;) {
        in_.clear();
        const auto room = in_.room();
        drained += co_await socket_.async_read_some(room, net::redirect_error(use_task, failure_));
    }
    socket_.close(ignored);
}

void Connection::check_deadline() {
    if (context_.latest_tick < deadline_ || is_overdue_) return;
    is_overdue_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::on_stop() {
    const auto& limits = context_.limits;
    if (phase_ == Phase::subscribed) return;  // it is told by who tells it all else
    if (phase_ == Phase::writing) return enter(phase_, no_later(deadline_, limits.stop_write_limit));
    if (phase_ == Phase::lingering) return enter(phase_, after(limits.stop_linger_limit));
    if (is_amid_request()) request_deadline_ = no_later(request_deadline_, limits.stop_request_limit);
    if (!is_amid_request()) expect_request();
    if (phase_ == Phase::reading) enter(Phase::reading, request_deadline_);
}

void Connection::abandon() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

/// Pipelined requests are answered, but one who never pauses is not waited for.
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

void Connection::enter(Phase phase, SteadyTime deadline) {
    phase_ = phase;
    deadline_ = deadline;
    is_overdue_ = false;
}

}  // namespace kurs::http
