#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>

#include "postgres/connection.hpp"

namespace kurs::postgres {

/// A connection that is opened on demand and dropped after a failed call. A call that blocks in libpq is
/// ended by shutting down its socket.
class Session {
public:
    explicit Session(std::string url, ConnectionLimits limits = {}) : url_(std::move(url)), limits_(limits) {}
    ~Session() { drop_connection(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Calls `job` with the connection. Fails with any exception of `job`, and at the latest shortly after
    /// `limit`.
    template <class Job>
    auto call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>>;

    /// Interrupts the call in progress, if any. Can be called from any thread.
    void interrupt();

    /// Whether the last call failed because its connection was lost, other than through an interrupt.
    bool has_lost_connection() const { return has_lost_connection_; }

private:
    enum class State { idle, calling, interrupted, overdue };

    /// A call in progress during its lifetime, until the limit.
    class Call {
    public:
        Call(Session& session, Duration limit);
        ~Call();
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

    private:
        Session& session_;
        std::jthread watch_;
    };

    Connection& connection();
    void end_call(State why);
    history::Failure describe_failed_call();
    void drop_connection();

    std::string url_;
    ConnectionLimits limits_;
    std::unique_ptr<Connection> connection_;
    bool has_lost_connection_ = false;

    std::mutex mutex_;  ///< guards the rest
    std::condition_variable_any call_ended_;
    State state_ = State::idle;
    int socket_ = -1;  ///< a duplicate: libpq may close its own at any moment, and the number may be reused
};

template <class Job>
auto Session::call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>> {
    try {
        const Call call(*this, limit);
        if constexpr (std::is_void_v<std::invoke_result_t<Job&, Connection&>>) {
            job(connection());
            return {};
        } else {
            return job(connection());
        }
    } catch (...) {
        return describe_failed_call();
    }
}

}  // namespace kurs::postgres
