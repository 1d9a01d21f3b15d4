#include "support/server_fixture.hpp"

namespace kurs::testing {
namespace {

class HistoryBoundTest : public ServerTest {
protected:
    /// Appends so many texts of so many bytes, counting what was dropped for them.
    void append(SharedQueue& by, Epoch epoch, std::size_t count, std::size_t bytes) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto done = get(by.append_history(epoch, std::string(bytes, 'x')));
            ASSERT_TRUE(done);
            ++appended;
            dropped += done->dropped;
            ids.push_back(done->id);
        }
    }

    std::size_t length() { return static_cast<std::size_t>(ask({"XLEN", "kurs:history"}).integer); }

    std::size_t bytes() {
        return static_cast<std::size_t>(ask({"MEMORY", "USAGE", "kurs:history", "SAMPLES", "0"}).integer);
    }

    std::string oldest_id(SharedQueue& by, Epoch epoch) { return get(by.find_oldest_history(epoch))->id; }

    std::size_t appended = 0;
    std::size_t dropped = 0;
    std::vector<std::string> ids;
};

TEST_F(HistoryBoundTest, AnAppendReturnsTheEntrysId) {
    auto& a = queue("a");
    append(a, lead(a), 3, 10);
    EXPECT_EQ(ids_of(get(a.read_history(10, 0ms, 60s))), ids);
    EXPECT_EQ(dropped, 0);
}

TEST_F(HistoryBoundTest, WhatIsTooOldIsDroppedAndCounted) {
    redis::RedisLimits limits;
    limits.history_kept = 20ms;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 500, 1);
    get(a.read_history(100, 0ms, 60s));
    let_pass(loop, 30ms);
    append(a, epoch, 1, 1);
    EXPECT_EQ(length(),
              1);  // Redis keeps them by the hundred, and drops hundreds that are too old as a whole
    EXPECT_EQ(dropped, 500);
    let_pass(loop, 10ms);
    const auto left = ids_of(get(a.read_history(100, 0ms, 1ms)));
    EXPECT_EQ(left, std::vector<std::string>{ids.back()});
    get(a.acknowledge_history(left));
    EXPECT_EQ(ask({"XPENDING", "kurs:history", "archive"}).array[0].integer, 0);
}

TEST_F(HistoryBoundTest, WhatIsTooOldIsDroppedOneByOneWhereTextsAreLarge) {
    redis::RedisLimits limits;
    limits.history_kept = 300ms;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 20, 5'000);
    EXPECT_EQ(dropped, 0);
    let_pass(loop, 310ms);
    append(a, epoch, 1, 1);
    EXPECT_EQ(dropped, 20);
    EXPECT_EQ(oldest_id(a, epoch), ids.back());
}

TEST_F(HistoryBoundTest, WhatWasAcknowledgedIsNotCounted) {
    redis::RedisLimits limits;
    limits.history_kept = 300ms;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 20, 5'000);
    get(a.acknowledge_history(ids_of(get(a.read_history(15, 0ms, 60s)))));
    get(a.read_history(2, 0ms, 60s));  // handed out, and not acknowledged
    let_pass(loop, 310ms);
    append(a, epoch, 1, 1);
    EXPECT_EQ(dropped, 5);
}

TEST_F(HistoryBoundTest, AFloodDropsTheOldestAndCountsThem) {
    redis::RedisLimits limits;
    limits.history_bytes = 1'000'000;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    std::size_t largest = 0;
    for (int i = 0; i < 100; ++i) {
        append(a, epoch, 30, 1'000);
        largest = std::max(largest, bytes());
        ASSERT_EQ(length() + dropped, appended);
        ASSERT_EQ(oldest_id(a, epoch), ids[dropped]);
    }
    EXPECT_GT(dropped, 1'000);
    EXPECT_LT(largest, limits.history_bytes + 64 * 1'500);
    EXPECT_GT(bytes(), limits.history_bytes * 8 / 10);
}

TEST_F(HistoryBoundTest, FewAreKeptWhereEachIsLarge) {
    redis::RedisLimits limits;
    limits.history_bytes = 1'000'000;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 500, 1'000);
    EXPECT_EQ(dropped, 0);
    append(a, epoch, 200, 100'000);
    EXPECT_LT(bytes(), limits.history_bytes + 64 * 120'000);
    EXPECT_EQ(length() + dropped, appended);
    EXPECT_EQ(oldest_id(a, epoch), ids[dropped]);
}

// An estimate from the oldest, as Redis makes it by default, would be fifty times as much.
TEST_F(HistoryBoundTest, NothingIsDroppedThatFitsBehindLargeEntries) {
    redis::RedisLimits limits;
    limits.history_bytes = 5'000'000;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    append(a, epoch, 10, 200'000);
    append(a, epoch, 1'000, 1'000);
    EXPECT_GT(ask({"MEMORY", "USAGE", "kurs:history"}).integer, 5'000'000);
    EXPECT_EQ(dropped, 0);
}

TEST_F(HistoryBoundTest, AnAppendSucceedsHoweverSmallTheBound) {
    redis::RedisLimits limits;
    limits.history_bytes = 1;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    get(a.read_history(1, 0ms, 60s));
    append(a, epoch, 200, 1);
    EXPECT_EQ(dropped, 192);
    EXPECT_EQ(length(), 8);
}

}  // namespace
}  // namespace kurs::testing
