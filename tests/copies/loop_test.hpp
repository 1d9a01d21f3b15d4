#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

namespace kurs {

/// A test whose tasks run on a loop of its own until something is so.
class LoopTest : public testing::Test {
protected:
    void run_until(const std::function<bool()>& is_so) {
        using namespace std::chrono_literals;
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!is_so() && std::chrono::steady_clock::now() < until) step();
        ASSERT_TRUE(is_so());
    }

    virtual void step() { loop.run_one_for(std::chrono::milliseconds(5)); }

    boost::asio::io_context loop{1};
};

}  // namespace kurs
