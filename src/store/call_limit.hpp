#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace kurs {

/// Interrupts a call that blocks on another thread from `until` on, again and again, since it may only be
/// about to begin, until this object is gone.
class CallLimit {
public:
    using SteadyTime = std::chrono::steady_clock::time_point;

    CallLimit(boost::asio::any_io_executor loop, SteadyTime until, std::function<void()> interrupt);
    ~CallLimit();
    CallLimit(const CallLimit&) = delete;
    CallLimit& operator=(const CallLimit&) = delete;

    void shorten(SteadyTime until);
    bool was_cut() const;

private:
    struct State;
    static void watch(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;  ///< outlives this object in the timer's handler
};

}  // namespace kurs
