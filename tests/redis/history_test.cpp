#include <set>

#include "kurs/runtime/task_group.hpp"
#include "support/server_fixture.hpp"

namespace kurs::testing {
namespace {

using Texts = std::vector<std::string>;

class HistoryQueueTest : public ServerTest {
protected:
    void append(SharedQueue& by, Epoch epoch, int from, int to) {
        for (int i = from; i < to; ++i) ASSERT_TRUE(get(by.append_history(epoch, std::to_string(i))));
    }

    std::set<std::string> consumers() {
        std::set<std::string> names;
        for (const auto& consumer : ask({"XINFO", "CONSUMERS", "kurs:history", "archive"}).array)
            names.insert(consumer.array[1].text);
        return names;
    }

    /// What waits, read and acknowledged to the end.
    Texts take_all(SharedQueue& by, Duration idle_limit = 60s) {
        Texts taken;
        for (;;) {
            const auto entries = get(by.read_history(100, 0ms, idle_limit));
            if (entries.empty()) return taken;
            for (const auto& text : texts_of(entries)) taken.push_back(text);
            EXPECT_TRUE(get(by.acknowledge_history(ids_of(entries))));
        }
    }
};

TEST_F(HistoryQueueTest, EachEntryGoesToOneCopyInOrder) {
    auto &a = queue("a"), &b = queue("b");
    append(a, lead(a), 0, 10);
    const auto one = get(a.read_history(4, 0ms, 60s)), other = get(b.read_history(100, 0ms, 60s));
    EXPECT_EQ(texts_of(one), (Texts{"0", "1", "2", "3"}));
    EXPECT_EQ(texts_of(other), (Texts{"4", "5", "6", "7", "8", "9"}));
    EXPECT_TRUE(get(a.read_history(100, 0ms, 60s)).empty());
}

TEST_F(HistoryQueueTest, WhatIsAcknowledgedIsNeverSeenAgainAndForgotten) {
    auto &a = queue("a"), &b = queue("b");
    append(a, lead(a), 0, 3);
    const auto read = get(a.read_history(100, 0ms, 60s));
    EXPECT_TRUE(get(a.acknowledge_history(ids_of(read))));
    EXPECT_FALSE(get(b.acknowledge_history(ids_of(read))));
    EXPECT_TRUE(get(b.acknowledge_history({})));
    EXPECT_TRUE(get(a.read_history(100, 0ms, 0ms)).empty());
    EXPECT_TRUE(get(b.read_history(100, 0ms, 0ms)).empty());
    EXPECT_EQ(ask({"XLEN", "kurs:history"}).integer, 0);
}

TEST_F(HistoryQueueTest, AReadingInVainEndsByItsWaitAndOneWithEntriesAtOnce) {
    auto &a = queue("a"), &b = queue("b");
    const auto epoch = lead(a);
    EXPECT_TRUE(get(b.read_history(100, 50ms, 60s)).empty());
    TaskGroup tasks(loop.get_executor());
    Texts read;
    auto reading = [&]() -> net::awaitable<void> {
        const auto entries = co_await b.read_history(100, 60s, 60s);
        read = texts_of(entries.value());
    };
    tasks.spawn("reading", reading());
    let_pass(loop, 20ms);
    append(a, epoch, 0, 1);
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(read, Texts{"0"});
}

TEST_F(HistoryQueueTest, ADeadCopysEntriesGoToAnother) {
    auto &a = queue("a"), &b = queue("b");
    append(a, lead(a), 0, 250);
    for (int i = 0; i < 3; ++i) get(a.read_history(100, 0ms, 60s));
    EXPECT_TRUE(get(b.read_history(100, 0ms, 60s)).empty());
    let_pass(loop, 30ms);
    EXPECT_EQ(take_all(b, 20ms).size(), 250);
    EXPECT_TRUE(get(a.read_history(100, 0ms, 0ms)).empty());
}

TEST_F(HistoryQueueTest, WhatADeadCopyLeftIsFoundBehindWhatLivingOnesHold) {
    auto &a = queue("a"), &b = queue("b");
    append(a, lead(a), 0, 40);
    const auto held = ids_of(get(a.read_history(40, 0ms, 60s)));
    ask({"XCLAIM", "kurs:history", "archive", "dead", "0", held.back(), "IDLE", "90000"});
    Texts claimed;
    for (int i = 0; i < 5; ++i) {  // Redis looks at ten times as many at a time as it may hand out
        for (const auto& text : texts_of(get(b.read_history(1, 0ms, 60s)))) claimed.push_back(text);
    }
    EXPECT_EQ(claimed, Texts{"39"});
}

TEST_F(HistoryQueueTest, ACopyThatComesBackFindsItsOwnEntriesAgain) {
    auto& a = queue("a");
    append(a, lead(a), 0, 3);
    get(a.read_history(100, 0ms, 60s));
    let_pass(loop, 20ms);
    EXPECT_EQ(take_all(queue("a"), 10ms), (Texts{"0", "1", "2"}));
}

TEST_F(HistoryQueueTest, NothingIsLostThatWasAppendedBeforeAnybodyRead) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    append(a, epoch, 0, 2);
    EXPECT_EQ(take_all(queue("b")), (Texts{"0", "1"}));
    append(a, epoch, 2, 4);
    EXPECT_EQ(take_all(queue("c")), (Texts{"2", "3"}));
}

TEST_F(HistoryQueueTest, IsTrimmedByTime) {
    redis::RedisLimits limits;
    limits.history_kept = 20ms;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 0, 500);
    get(a.read_history(100, 0ms, 60s));
    let_pass(loop, 30ms);
    append(a, epoch, 500, 501);
    EXPECT_LT(ask({"XLEN", "kurs:history"}).integer, 200);
    let_pass(loop, 10ms);
    EXPECT_LT(take_all(a, 1ms).size(), 200);
    EXPECT_EQ(ask({"XPENDING", "kurs:history", "archive"}).array[0].integer, 0);
}

TEST_F(HistoryQueueTest, ConsumersThatHoldNothingAreForgotten) {
    redis::RedisLimits limits;
    limits.history_kept = 20ms;
    auto &a = queue("a"), &b = queue("b"), &c = queue("c", limits);
    append(a, lead(a), 0, 2);
    get(a.read_history(1, 0ms, 60s));
    get(b.acknowledge_history(ids_of(get(b.read_history(1, 0ms, 60s)))));
    EXPECT_EQ(consumers(), (std::set<std::string>{"a", "b"}));
    let_pass(loop, 30ms);
    get(c.read_history(1, 0ms, 60s));
    auto left = consumers();
    left.erase("c");  // Redis 7.0 knows it only once it has been given something
    EXPECT_EQ(left, std::set<std::string>{"a"});
}

TEST_F(HistoryQueueTest, NothingIsLostOverAKilledRedis) {
    redis::RedisLimits limits;
    limits.first_wait = limits.longest_wait = 5ms;
    auto &a = queue("a", limits), &b = queue("b", limits);
    const auto epoch = lead(a);
    append(a, epoch, 0, 20);
    const auto done = get(b.read_history(5, 0ms, 60s));
    get(b.acknowledge_history(ids_of(done)));
    get(b.read_history(5, 0ms, 60s));  // pending
    order("kill");
    EXPECT_FALSE(run(loop, a.append_history(epoch, "away")));
    EXPECT_FALSE(run(loop, b.read_history(5, 0ms, 60s)));
    order("start");
    let_pass(loop, 20ms);
    append(a, epoch, 20, 25);
    const auto left = take_all(b, 1ms);
    std::set<int> numbers;
    for (const auto& text : left) numbers.insert(std::stoi(text));
    EXPECT_EQ(left.size(), 20);
    EXPECT_EQ(numbers.size(), 20);
    EXPECT_EQ(*numbers.begin(), 5);
    EXPECT_EQ(*numbers.rbegin(), 24);
}

}  // namespace
}  // namespace kurs::testing
