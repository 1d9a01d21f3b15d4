#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace kurs::testing {

namespace net = boost::asio;

/// Runs the loop until the condition holds. Fails the test if it does not within ten seconds.
inline void run_until(net::io_context& loop, const std::function<bool()>& condition) {
    loop.restart();  // it may have run out of work before
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
        if (loop.run_one_until(deadline) > 0) continue;
        ADD_FAILURE() << (loop.stopped() ? "the loop ran out of work first" : "not within ten seconds");
        return;
    }
}

/// Runs the loop until it is out of work. Fails the test if it still has some after two seconds.
inline void run_out(net::io_context& loop) {
    loop.restart();
    loop.run_for(std::chrono::seconds{2});
    EXPECT_TRUE(loop.stopped()) << "something still runs on the loop";
}

}  // namespace kurs::testing
