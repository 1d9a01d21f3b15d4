#include "support/server_fixture.hpp"

#include "kurs/runtime/task_group.hpp"

namespace kurs::testing {
namespace {

class LeaseTest : public ServerTest {
protected:
    /// Retries until the lease is taken.
    Epoch take_when_free(LogStore& by, Duration lease = 60s) {
        auto take = [&]() -> net::awaitable<Epoch> {
            for (;;) {
                const auto taken = co_await by.take_lease(lease);
                if (taken.value()) co_return **taken;
                co_await sleep_for(5ms);
            }
        };
        return run(loop, take());
    }
};

TEST_F(LeaseTest, OneOfThreeHoldsIt) {
    int held = 0;
    for (const auto* copy : {"a", "b", "c"}) held += get(queue(copy).take_lease(60s)).has_value() ? 1 : 0;
    EXPECT_EQ(held, 1);
}

TEST_F(LeaseTest, IsNotTakenTwiceByTheSameReplica) {
    auto& a = queue("a");
    lead(a);
    EXPECT_FALSE(get(a.take_lease(60s)));
}

TEST_F(LeaseTest, EndsWhenItIsNotRenewed) {
    auto &a = queue("a"), &b = queue("b");
    const auto first = lead(a, 50ms);
    const auto second = take_when_free(b);
    EXPECT_GT(second, first);
    EXPECT_FALSE(get(a.renew_lease(first, 60s)));
    EXPECT_TRUE(get(b.renew_lease(second, 60s)));
}

TEST_F(LeaseTest, LastsWhileItIsRenewed) {
    auto& a = queue("a");
    const auto epoch = lead(a, 100ms);
    EXPECT_TRUE(get(a.renew_lease(epoch, 60s)));
    EXPECT_GT(ask({"PTTL", "kurs:lease"}).integer, 50'000);
}

TEST_F(LeaseTest, IsNotRenewedByARedisThatRefusesWrites) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    ask({"CONFIG", "SET", "maxmemory", "1"});
    const auto renewed = run(loop, a.renew_lease(epoch, 60s));
    ask({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_FALSE(renewed.has_value());
    EXPECT_TRUE(get(a.renew_lease(epoch, 60s)));
}

TEST_F(LeaseTest, IsFreeAtOnceWhenItIsReleased) {
    auto &a = queue("a"), &b = queue("b");
    const auto epoch = lead(a);
    EXPECT_TRUE(get(a.release_lease(epoch)));
    EXPECT_TRUE(get(b.take_lease(60s)));
    EXPECT_FALSE(get(a.release_lease(epoch)));
}

TEST_F(LeaseTest, IsNeitherRenewedNorReleasedByAnother) {
    auto &a = queue("a"), &b = queue("b");
    const auto epoch = lead(a);
    EXPECT_FALSE(get(b.renew_lease(epoch, 60s)));
    EXPECT_FALSE(get(b.release_lease(epoch)));
    EXPECT_TRUE(get(a.renew_lease(epoch, 60s)));
}

TEST_F(LeaseTest, EpochsGrowEvenIfRedisHasLostItsData) {
    auto& a = queue("a");
    Epoch last{};
    for (int i = 0; i < 3; ++i) {
        const auto epoch = lead(a);
        EXPECT_GT(epoch, last);
        last = epoch;
        EXPECT_TRUE(get(a.release_lease(epoch)));
    }
    ask({"FLUSHALL"});
    EXPECT_GT(lead(a), last);
}

TEST_F(LeaseTest, EpochsGrowEvenIfTheClockIsBehind) {
    ask({"SET", "kurs:epoch", "9000000000000000"});
    EXPECT_EQ(lead(queue("a")), Epoch{9'000'000'000'000'001});
}

TEST_F(LeaseTest, WritesOfAnOlderEpochAreRefused) {
    auto &a = queue("a"), &b = queue("b");
    const auto older = lead(a, 30ms);
    EXPECT_TRUE(get(a.append(older, ++version, "one")));
    const auto newer = take_when_free(b);
    EXPECT_FALSE(get(a.append(older, ++version, "two", "two")));
    EXPECT_FALSE(get(b.load_snapshot()));
    EXPECT_TRUE(get(b.append(newer, ++version, "three", "three")));
    EXPECT_FALSE(get(a.append(older, ++version, "four", "four")));
    EXPECT_EQ(texts_of(get(b.read_entries("", 0ms))), (std::vector<std::string>{"one", "three"}));
    EXPECT_EQ(get(b.load_snapshot())->text, "three");
}

TEST_F(LeaseTest, WritesAreRefusedWhereThereIsNoEpoch) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    ask({"FLUSHALL"});
    for (const auto each : {epoch, Epoch{}}) {
        EXPECT_FALSE(get(a.append(each, ++version, "lost")));
    }
}

TEST_F(LeaseTest, WritesToAFrozenRedisAreRefusedOnceAnotherReplicaLeads) {
    redis::RedisLimits limits;
    limits.command = 100ms;
    auto &a = queue("a", limits), &b = queue("b");
    const auto older = lead(a, 150ms);
    EXPECT_TRUE(get(a.append(older, ++version, "one")));
    order("freeze");
    EXPECT_FALSE(run(loop, a.append(older, ++version, "in the dark")));
    let_pass(loop, 100ms);
    order("thaw");
    const auto newer = take_when_free(b);
    EXPECT_TRUE(get(b.append(newer, ++version, "two")));
    EXPECT_FALSE(get(a.append(older, ++version, "three")));
    // Redis may have applied buffered writes in the older epoch, but only before the newer one.
    auto texts = texts_of(get(b.read_entries("", 0ms)));
    std::erase(texts, "in the dark");
    EXPECT_EQ(texts, (std::vector<std::string>{"one", "two"}));
}

}  // namespace
}  // namespace kurs::testing
