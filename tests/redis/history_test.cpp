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

TEST_F(HistoryQueueTest, TheOldestIsFoundUntilItIsAcknowledged) {
    auto &a = queue("a"), &b = queue("b");
    const auto epoch = lead(a);
    EXPECT_EQ(get(a.find_oldest_history(epoch))->id, "");
    append(a, epoch, 0, 2);
    const auto ids = ids_of(get(b.read_history(10, 0ms, 60s)));
    const auto oldest = get(a.find_oldest_history(epoch));
    ASSERT_TRUE(oldest);
    EXPECT_EQ(oldest->id, ids[0]);
    EXPECT_EQ(oldest->epoch, epoch);
    EXPECT_EQ(oldest->text, "0");
    get(b.acknowledge_history({ids[0]}));
    EXPECT_EQ(get(a.find_oldest_history(epoch))->id, ids[1]);
    get(b.acknowledge_history({ids[1]}));
    EXPECT_EQ(get(a.find_oldest_history(epoch))->id, "");
}

TEST_F(HistoryQueueTest, TheOldestMayBeOfAnEarlierLeaderOrNotOurs) {
    auto &a = queue("a"), &b = queue("b");
    const auto foreign = ask({"XADD", "kurs:history", "*", "something", "else"}).text;
    const auto older = lead(a);
    append(a, older, 0, 1);
    get(a.release_lease(older));
    const auto newer = lead(b);
    EXPECT_EQ(get(b.find_oldest_history(newer))->id, foreign);
    EXPECT_EQ(get(b.find_oldest_history(newer))->epoch, Epoch{});
    get(b.acknowledge_history({foreign}));
    EXPECT_EQ(get(b.find_oldest_history(newer))->epoch, older);
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
