#include "postgres/breaker.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <system_error>

namespace kurs::postgres {

Breaker::~Breaker() {
    unwatch();
}

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

BoundedCall::~BoundedCall() {
    breaker_.end_call();
}

}  // namespace kurs::postgres
