#include <boost/asio/post.hpp>

#include "kurs/runtime/task_group.hpp"
#include "support/server_fixture.hpp"

namespace kurs::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

class OutageTest : public ServerTest {
protected:
    OutageTest() {
        limits.connect = limits.command = 200ms;
        limits.first_wait = 20ms;
        limits.longest_wait = 40ms;
    }

    /// The result of each kind of call, all started at once.
    void call_all(TaskGroup& tasks, LogStore& by) {
        note(tasks, by.take_lease(60s));
        note(tasks, by.renew_lease(Epoch{1}, 60s));
        note(tasks, by.release_lease(Epoch{1}));
        note(tasks, by.append(Epoch{1}, ++version, "view", "snapshot"));
        note(tasks, by.load_snapshot());
        note(tasks, by.read_entries("", 300ms));
        note(tasks, by.leave_note("one", "note", 60s));
        note(tasks, by.read_notes({"one", "two"}));
        note(tasks, by.check_in());
    }
    static constexpr std::size_t kinds = 9;

    template <class T>
    void note(TaskGroup& tasks, LogStore::Answer<T> call) {
        tasks.spawn("call", note_end(std::move(call)));
    }

    template <class T>
    net::awaitable<void> note_end(LogStore::Answer<T> call) {
        const auto answer = co_await std::move(call);
        ++(answer ? answered : failed);
    }

    redis::RedisLimits limits;
    std::size_t answered = 0;
    std::size_t failed = 0;
};

TEST_F(OutageTest, EveryCallOfAFrozenRedisEndsWithinItsLimit) {
    auto& a = queue("a", limits);
    TaskGroup tasks(loop.get_executor());
    call_all(tasks, a);
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(answered, kinds);

    order("freeze");
    const auto begin = SteadyClock::now();
    for (std::size_t round = 1; round <= 5; ++round) {
        call_all(tasks, a);
        run_until(loop, [&] { return tasks.is_empty(); });
        EXPECT_EQ(failed, round * kinds);
    }
    EXPECT_LT(SteadyClock::now() - begin, 5 * (limits.connect + limits.command + 300ms));
    order("thaw");
    let_pass(loop, limits.longest_wait);
    call_all(tasks, a);
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(answered, 2 * kinds);
}

TEST_F(OutageTest, CallsFailAtOnceWhileRedisIsUnavailable) {
    limits.first_wait = limits.longest_wait = 60s;
    auto& a = queue("a", limits);
    order("stop");
    EXPECT_FALSE(run(loop, a.load_snapshot()));
    const auto begin = SteadyClock::now();
    for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(run(loop, a.load_snapshot()));
    EXPECT_LT(SteadyClock::now() - begin, 1s);
    order("start");
}

TEST_F(OutageTest, EachOfManyCallsEndsOnceWhenRedisIsKilled) {
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    TaskGroup tasks(loop.get_executor());
    for (int round = 0; round < 5; ++round) {
        answered = failed = 0;
        order("freeze");
        for (int i = 0; i < 100; ++i) note(tasks, a.append(epoch, ++version, std::string(1'000, 'x')));
        loop.poll();
        order("kill");
        run_until(loop, [&] { return tasks.is_empty(); });
        EXPECT_EQ(answered, 0);
        EXPECT_EQ(failed, 100);
        order("start");
        let_pass(loop, limits.longest_wait);
        EXPECT_TRUE(get(a.append(epoch, ++version, "back")));
    }
}

TEST_F(OutageTest, WaitingReadsEndWhenRedisIsKilled) {
    auto& a = queue("a", limits);
    TaskGroup tasks(loop.get_executor());
    note(tasks, a.read_entries("", 60s));
    let_pass(loop, 50ms);
    order("kill");
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(failed, 1);
    order("start");
}

TEST_F(OutageTest, CallsEndWhenTheStoreIsClosed) {
    auto& a = queue("a", limits);
    TaskGroup tasks(loop.get_executor());
    EXPECT_FALSE(get(a.load_snapshot()));
    note(tasks, a.read_entries("", 60s));
    let_pass(loop, 50ms);
    net::post(loop, [&] { a.close(); });
    run_out(loop);
    EXPECT_TRUE(tasks.is_empty());
    EXPECT_EQ(failed, 1);
}

TEST_F(OutageTest, CallsFailOnceTheStoreIsClosed) {
    auto& a = queue("a", limits);
    TaskGroup tasks(loop.get_executor());
    call_all(tasks, a);
    run_until(loop, [&] { return tasks.is_empty(); });
    order("freeze");
    call_all(tasks, a);
    let_pass(loop, 20ms);
    EXPECT_EQ(failed, 0);
    net::post(loop, [&] { a.close(); });
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(failed, kinds);
    order("thaw");
    call_all(tasks, a);
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(failed, 2 * kinds);
    EXPECT_EQ(answered, kinds);
}

TEST_F(OutageTest, EverythingEndsWhenTheTasksAreCancelled) {
    auto& a = queue("a", limits);
    order("freeze");
    TaskGroup tasks(loop.get_executor());
    call_all(tasks, a);
    let_pass(loop, 20ms);
    net::post(loop, [&] { tasks.stop(); });
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(answered + failed, 0);
    order("thaw");
}

}  // namespace
}  // namespace kurs::testing
