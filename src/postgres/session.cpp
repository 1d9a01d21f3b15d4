#include "postgres/session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <system_error>

namespace kurs::postgres {

void Breaker::watch(int socket) {
    unwatch();
    const std::lock_guard lock(mutex_);
    socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "connection not watched");
    if (state_ != State::whole) ::shutdown(socket_, SHUT_RDWR);
}

void Breaker::unwatch() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void Breaker::trip(State why) {
    const std::lock_guard lock(mutex_);
    if (!is_calling_ || state_ != State::whole) return;
    state_ = why;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

Breaker::State Breaker::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void Breaker::begin_call() {
    const std::lock_guard lock(mutex_);
    is_calling_ = true;
    state_ = State::whole;
}

void Breaker::end_call() {
    const std::lock_guard lock(mutex_);
    is_calling_ = false;
}

BoundedCall::BoundedCall(Breaker& breaker, Duration limit) : breaker_(breaker) {
    breaker.begin_call();
    watch_ = std::jthread([&breaker, limit](const std::stop_token& call_ended) {
        std::mutex mutex;
        std::condition_variable_any woken;
        std::unique_lock lock(mutex);
        woken.wait_for(lock, call_ended, limit, [] { return false; });
        if (!call_ended.stop_requested()) breaker.trip(Breaker::State::overdue);
    });
}

void Session::prepare_call() {
    has_lost_connection_ = false;
    // The last call may have been interrupted after its work was done: it succeeded, but left no connection.
    if (breaker_.state() != Breaker::State::whole) drop_connection();
}

Connection& Session::connection() {
    if (connection_) return *connection_;
    auto fresh = std::make_unique<Connection>(url_, limits_);
    breaker_.watch(fresh->sock());
    connection_ = std::move(fresh);
    return *connection_;
}

history::Failure Session::end_failed_call() {
    auto failure = describe_failure();
    const auto state = breaker_.state();
    has_lost_connection_ = state == Breaker::State::whole && connection_ && !connection_->is_open();
    if (has_lost_connection_ && failure.kind == HistoryFailure::away) {
        const auto reason = connection_->why_lost();
        if (!reason.empty()) failure.text = first_line(reason);
    }
    drop_connection();
    if (state == Breaker::State::interrupted) return {HistoryFailure::away, "interrupted"};
    if (state == Breaker::State::overdue) return {HistoryFailure::overdue, "no answer in time"};
    return failure;
}

void Session::drop_connection() {
    breaker_.unwatch();
    connection_.reset();
}

}  // namespace kurs::postgres
