#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>

#include "postgres/connection.hpp"

namespace kurs::postgres {

/// A connection that is opened on demand and dropped after a failed call. A call that blocks in libpq is
/// ended by shutting down its socket.
class Session {
public:
    /// The server ends a statement at `statement_limit`, and a wait for a lock at half of it.
    explicit Session(std::string url, Duration statement_limit = std::chrono::seconds(10))
        : url_(std::move(url)), statement_limit_(statement_limit) {}
    ~Session() { drop_connection(); }

    /// Calls `job` with the connection. Fails with any exception of `job`, and at the latest shortly after
    /// `limit`.
    template <class Job>
    auto call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>>;

    /// The same for a job that may run twice: an idle connection may turn out to be lost only at this call,
    /// so a lost one is replaced once.
    template <class Job>
    auto call_repeatable(Duration limit, const Job& job)
        -> history::result<std::invoke_result_t<const Job&, Connection&>>;

    /// Interrupts the call in progress, if any. Can be called from any thread.
    void interrupt();

    /// Whether the last call failed because its connection was lost, other than through an interrupt.
    bool has_lost_connection() const { return has_lost_connection_; }

private:
    enum class State { idle, calling, interrupted, overdue };

    history::result<void> run(Duration limit, const std::function<void(Connection&)>& job);
    Connection& connection();
    void end_call(State why);
    history::Failure describe_failed_call(history::Failure failure);
    void drop_connection();

    std::string url_;
    Duration statement_limit_;
    std::unique_ptr<Connection> connection_;
    bool has_lost_connection_ = false;

    std::mutex mutex_;  ///< guards the rest
    std::condition_variable_any call_ended_;
    State state_ = State::idle;
    int socket_ = -1;  ///< a duplicate: libpq may close its own at any moment, and the number may be reused
};

template <class Job>
auto Session::call(Duration limit, Job job) -> history::result<std::invoke_result_t<Job&, Connection&>> {
    using Found = std::invoke_result_t<Job&, Connection&>;
    if constexpr (std::is_void_v<Found>) {
        return run(limit, job);
    } else {
        std::optional<Found> found;
        const auto done = run(limit, [&](Connection& connection) { found.emplace(job(connection)); });
        if (!done) return done.error();
        return *std::move(found);
    }
}

template <class Job>
auto Session::call_repeatable(Duration limit, const Job& job)
    -> history::result<std::invoke_result_t<const Job&, Connection&>> {
    const auto begun_at = std::chrono::steady_clock::now();
    auto found = call(limit, job);
    if (found || !has_lost_connection_) return found;
    const auto left = begun_at + limit - std::chrono::steady_clock::now();
    return call(std::chrono::ceil<Duration>(left), job);
}

}  // namespace kurs::postgres
