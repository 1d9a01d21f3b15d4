#pragma once

#include <mutex>
#include <thread>
#include <type_traits>

#include "postgres/connection.hpp"

namespace kurs::postgres {

/// Ends a call that blocks in libpq by shutting down its socket, from any thread.
class Breaker {
public:
    enum class State { whole, interrupted, overdue };

    Breaker() = default;
    ~Breaker() { unwatch(); }
    Breaker(const Breaker&) = delete;
    Breaker& operator=(const Breaker&) = delete;

    /// The socket that later steps wait on. If the call has been interrupted by now, it fails at its next
    /// step.
    void watch(int socket);
    void unwatch();

    /// Does nothing without a call in progress.
    void trip(State why);

    /// The state of the current or last call.
    State state() const;

private:
    friend class BoundedCall;
    void begin_call();
    void end_call();

    mutable std::mutex mutex_;
    bool is_calling_ = false;
    State state_ = State::whole;
    int socket_ = -1;  ///< a duplicate: libpq may close its own at any moment, and the number may be reused
};

/// A call that can be interrupted during its lifetime. It is interrupted as overdue when it exceeds the
/// limit.
class BoundedCall {
public:
    BoundedCall(Breaker& breaker, Duration limit);
    ~BoundedCall() { breaker_.end_call(); }
    BoundedCall(const BoundedCall&) = delete;
    BoundedCall& operator=(const BoundedCall&) = delete;

private:
    Breaker& breaker_;
    std::jthread watch_;
};

/// A connection that is opened on demand and dropped after a failed call.
class Session {
public:
    explicit Session(std::string url, ConnectionLimits limits = {}) : url_(std::move(url)), limits_(limits) {}

    /// Calls `job` with the connection. Fails with any exception of `job`, and at the latest shortly after
    /// `limit`.
    template <class Job>
    auto call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>>;

    /// Interrupts the call in progress, if any. Can be called from any thread.
    void interrupt() { breaker_.trip(Breaker::State::interrupted); }

    /// Whether the last call failed because its connection was lost, other than through an interrupt.
    bool has_lost_connection() const { return has_lost_connection_; }

private:
    void prepare_call();
    Connection& connection();
    history::Failure end_failed_call();
    void drop_connection();

    std::string url_;
    ConnectionLimits limits_;
    Breaker breaker_;
    std::unique_ptr<Connection> connection_;
    bool has_lost_connection_ = false;
};

template <class Job>
auto Session::call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>> {
    prepare_call();
    try {
        const BoundedCall bounded(breaker_, limit);
        if constexpr (std::is_void_v<std::invoke_result_t<Job&, Connection&>>) {
            job(connection());
            return {};
        } else {
            return job(connection());
        }
    } catch (...) {
        return end_failed_call();
    }
}

}  // namespace kurs::postgres
