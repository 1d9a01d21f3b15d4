#include "postgres/session.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace kurs::postgres {

// Without a call in progress, only the caller's thread changes the state.
history::result<void> Session::run(Duration limit, const std::function<void(Connection&)>& job) {
    // The last call may have been interrupted after its work was done: it succeeded, but left no connection.
    if (state_ != State::idle) drop_connection();
    has_lost_connection_ = false;
    std::unique_lock lock(mutex_);
    state_ = State::calling;
    lock.unlock();
    history::result<void> done;
    try {
        const std::jthread watch([this, limit](const std::stop_token& is_over) {
            std::unique_lock waiting(mutex_);
            call_ended_.wait_for(waiting, is_over, limit, [] { return false; });
            if (!is_over.stop_requested()) end_call(State::overdue);
        });
        job(connection());
    } catch (...) {
        done = describe_failure();
    }
    lock.lock();
    if (state_ == State::calling) state_ = State::idle;
    lock.unlock();
    if (!done) done = describe_failed_call(done.error());
    return done;
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
    connection_ = std::make_unique<Connection>(url_, statement_limit_);
    const std::lock_guard lock(mutex_);
    socket_ = ::fcntl(connection_->sock(), F_DUPFD_CLOEXEC, 0);
    if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "connection not watched");
    // Too late for `end_call`: the call fails at its next step.
    if (state_ != State::calling) ::shutdown(socket_, SHUT_RDWR);
    return *connection_;
}

history::Failure Session::describe_failed_call(history::Failure failure) {
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
