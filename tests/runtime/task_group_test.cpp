#include "kurs/runtime/task_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <stdexcept>

#include "kurs/runtime/clock.hpp"

namespace kurs {
namespace {

using namespace std::chrono_literals;

struct TaskGroupTest : ::testing::Test {
    net::io_context loop{1};
    TaskGroup tasks{loop.get_executor()};

    /// Runs the loop until it has no more work, with a time limit.
    void run() {
        loop.run_for(5s);
        EXPECT_TRUE(loop.stopped()) << "work was left";
    }

    std::vector<std::string> drained(Duration limit) {
        std::optional<std::vector<std::string>> left;
        const auto take = [&left](std::exception_ptr, std::vector<std::string> names) {
            left = std::move(names);
        };
        net::co_spawn(loop, tasks.drain(limit), take);
        loop.restart();
        while (!left && loop.run_one_for(5s) > 0) continue;
        return left.value();
    }
};

net::awaitable<void> sleep_and_count(int& ended) {
    struct AtEnd {
        int& count;
        ~AtEnd() { ++count; }
    };
    const AtEnd at_end{ended};
    co_await sleep_for(1h);
}

net::awaitable<void> fail() {
    co_await sleep_for(1ms);
    throw std::runtime_error("a bug");
}

net::awaitable<void> ignore_cancellation(bool& released) {
    while (!released) {
        try {
            co_await sleep_for(1ms);
        } catch (const boost::system::system_error&) {
            released = released || false;
        }
    }
}

TEST_F(TaskGroupTest, StopsItsTasksAtTheirNextWait) {
    int ended = 0;
    tasks.spawn("one", sleep_and_count(ended));
    tasks.spawn("other", sleep_and_count(ended));
    net::post(loop, [this] { tasks.stop(); });
    run();
    EXPECT_EQ(ended, 2);
    EXPECT_TRUE(tasks.is_empty());
}

TEST_F(TaskGroupTest, CanBeStoppedFromOutsideTheLoop) {
    int ended = 0;
    tasks.spawn("one", sleep_and_count(ended));
    loop.poll();
    tasks.stop();
    run();
    EXPECT_EQ(ended, 1);
}

TEST_F(TaskGroupTest, ATaskThatHasNotBegunNeverBegins) {
    int ended = 0;
    tasks.spawn("early", sleep_and_count(ended));
    tasks.stop();
    tasks.spawn("late", sleep_and_count(ended));
    run();
    EXPECT_EQ(ended, 0);
    EXPECT_TRUE(tasks.is_empty());
}

TEST_F(TaskGroupTest, ATaskThatThrowsIsRemovedAndOthersContinue) {
    int ended = 0;
    tasks.spawn("broken", fail());
    tasks.spawn("healthy", sleep_and_count(ended));
    loop.run_for(50ms);
    EXPECT_FALSE(tasks.is_empty());
    EXPECT_EQ(ended, 0);
    tasks.stop();
    run();
}

TEST_F(TaskGroupTest, NamesTheTasksThatDoNotEndInTime) {
    bool released = false;
    tasks.spawn("stubborn", ignore_cancellation(released));
    loop.run_for(10ms);
    EXPECT_EQ(drained(20ms), std::vector<std::string>{"stubborn"});
    released = true;
    run();
}

TEST(Clock, NeverGoesBack) {
    Clock clock;
    auto last = clock.now();
    for (int i = 0; i < 1000; ++i) {
        clock.follow_system();
        const auto now = clock.now();
        EXPECT_GE(now, last);
        last = now;
    }
}

}  // namespace
}  // namespace kurs
