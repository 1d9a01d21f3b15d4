#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <stdexcept>

#include "kurs/runtime/task_group.hpp"
#include "support/running_loop.hpp"

namespace kurs::testing {

/// The result or exception of the task. Fails the test if it has not ended within ten seconds.
template <class T>
T run(net::io_context& loop, net::awaitable<T> task) {
    std::optional<T> returned;
    std::exception_ptr thrown;
    bool is_over = false;
    auto keep = [&]() -> net::awaitable<void> { returned.emplace(co_await std::move(task)); };
    net::co_spawn(loop, keep(), [&](std::exception_ptr error) {
        thrown = error;
        is_over = true;
    });
    run_until(loop, [&] { return is_over; });
    if (thrown) std::rethrow_exception(thrown);
    if (!returned) throw std::runtime_error("the coroutine did not end");
    return *std::move(returned);
}

/// Runs the loop for this long.
inline void let_pass(net::io_context& loop, Duration duration) {
    auto pass = [&]() -> net::awaitable<bool> {
        co_await sleep_for(duration);
        co_return true;
    };
    run(loop, pass());
}

}  // namespace kurs::testing
