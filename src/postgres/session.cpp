#include "postgres/session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kurs::postgres {

// Without a call in progress, only the caller's thread changes the state.
Session::Call::Call(Session& session, Duration limit) : session_(session) {
    // The last call may have been interrupted after its work was done: it succeeded, but left no connection.
    if (session.state_ != State::idle) session.drop_connection();
    session.has_lost_connection_ = false;
    const std::lock_guard lock(session.mutex_);
    session.state_ = State::calling;
    watch_ = std::jthread([&session, limit](const std::stop_token& is_over) {
        std::unique_lock waiting(session.mutex_);
        session.call_ended_.wait_for(waiting, is_over, limit, [] { return false; });
        if (!is_over.stop_requested()) session.end_call(State::overdue);
    });
}

Session::Call::~Call() {
    const std::lock_guard lock(session_.mutex_);
    if (session_.state_ == State::calling) session_.state_ = State::idle;
}

void Session::interrupt() {
    const std::lock_guard lock(mutex_);
    end_call(State::interrupted);
}

void Session::end_call(State why) {
    if (state_ != State::calling) return;
    state_ = why;
    if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

Connection& Session::connection() {
    if (connection_) return *connection_;
    connection_ = std::make_unique<Connection>(url_, limits_);
    const std::lock_guard lock(mutex_);
    socket_ = ::fcntl(connection_->sock(), F_DUPFD_CLOEXEC, 0);
    if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "connection not watched");
    // Too late for `end_call`: the call fails at its next step.
    if (state_ != State::calling) ::shutdown(socket_, SHUT_RDWR);
    return *connection_;
}

history::Failure Session::describe_failed_call() {
    auto failure = describe_failure();
    has_lost_connection_ = state_ == State::idle && connection_ && !connection_->is_open();
    if (has_lost_connection_ && failure.kind == HistoryFailure::away) {
        const auto reason = connection_->why_lost();
        if (!reason.empty()) failure.text = first_line(reason);
    }
    drop_connection();
    if (state_ == State::interrupted) return {HistoryFailure::away, "interrupted"};
    if (state_ == State::overdue) return {HistoryFailure::overdue, "no answer in time"};
    return failure;
}

void Session::drop_connection() {
    std::unique_lock lock(mutex_);
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    lock.unlock();
    connection_.reset();
}

}  // namespace kurs::postgres
