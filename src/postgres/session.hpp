#pragma once

#include <optional>
#include <type_traits>

#include "kurs/store/archive.hpp"
#include "postgres/breaker.hpp"
#include "postgres/connection.hpp"
#include "postgres/failure.hpp"

namespace kurs::postgres {

/// A connection that is made when it is needed, and dropped when a call on it failed.
class Session {
public:
    explicit Session(std::string url, ConnectionLimits limits = {});

    /// Calls `job` with the connection. Fails with whatever `job` throws, and, at the latest, a little after
    /// `limit`.
    template <class Job>
    auto call(Duration limit, Job job) -> store_result<std::invoke_result_t<Job&, Connection&>>;

    /// Ends the call that is under way, if any. From any thread.
    void interrupt() { breaker_.trip(Breaker::State::interrupted); }

    bool is_connected() const { return connection_ != nullptr; }

    /// Whether the last call failed since its connection was gone, through nothing that we did.
    bool has_lost_connection() const { return has_lost_connection_; }

private:
    void prepare_call();
    Connection& connection();
    StoreFailure end_failed_call();
    void drop_connection();

    std::string url_;
    ConnectionLimits limits_;
    Breaker breaker_;
    std::unique_ptr<Connection> connection_;
    bool has_lost_connection_ = false;
};

template <class Job>
auto Session::call(Duration limit, Job job) -> store_result<std::invoke_result_t<Job&, Connection&>> {
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
