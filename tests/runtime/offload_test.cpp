#include "kurs/runtime/offload.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <thread>

namespace kurs {
namespace {

template <class Task>
auto run(net::io_context& loop, Task task) {
    std::exception_ptr thrown;
    net::co_spawn(loop, std::move(task), [&](std::exception_ptr error) { thrown = error; });
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
}

TEST(Offload, RunsTheCallOnThePoolAndResumesOnTheLoop) {
    net::io_context loop{1};
    net::thread_pool pool{1};
    std::thread::id call_thread, after_thread;
    std::unique_ptr<int> answer;
    auto task = [&]() -> net::awaitable<void> {
        auto call = [&] {
            call_thread = std::this_thread::get_id();
            return std::make_unique<int>(42);
        };
        answer = co_await offload(pool, call);
        after_thread = std::this_thread::get_id();
    };
    run(loop, task());
    EXPECT_EQ(*answer, 42);
    EXPECT_NE(call_thread, std::this_thread::get_id());
    EXPECT_EQ(after_thread, std::this_thread::get_id());
}

TEST(Offload, RethrowsAnException) {
    net::io_context loop{1};
    net::thread_pool pool{1};
    auto task = [&]() -> net::awaitable<void> {
        auto call = []() -> int { throw std::runtime_error("no"); };
        co_await offload(pool, call);
    };
    EXPECT_THROW(run(loop, task()), std::runtime_error);
}

}  // namespace
}  // namespace kurs
