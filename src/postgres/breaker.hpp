#pragma once

#include <mutex>
#include <thread>

#include "kurs/domain/time.hpp"

namespace kurs::postgres {

/// Ends a call that is blocked in libpq by shutting its socket down, from any thread.
class Breaker {
public:
    enum class State { whole, interrupted, overdue };

    Breaker() = default;
    ~Breaker();
    Breaker(const Breaker&) = delete;
    Breaker& operator=(const Breaker&) = delete;

    /// What calls wait for from now on. If the call has been tripped by now, it fails at its next step.
    void watch(int socket);
    void unwatch();

    /// Does nothing while there is no call.
    void trip(State why);

    /// How the call went, or the last one.
    State state() const;

private:
    friend class BoundedCall;
    void begin_call();
    void end_call();

    mutable std::mutex mutex_;
    bool is_calling_ = false;
    State state_ = State::whole;
    int socket_ = -1;  ///< a duplicate: libpq may close its own, and its number mean another, at any moment
};

/// A call that can be tripped while this lives, and is, as overdue, if it takes longer than the limit.
class BoundedCall {
public:
    BoundedCall(Breaker& breaker, Duration limit);
    ~BoundedCall();
    BoundedCall(const BoundedCall&) = delete;
    BoundedCall& operator=(const BoundedCall&) = delete;

private:
    Breaker& breaker_;
    std::jthread watch_;
};

}  // namespace kurs::postgres
