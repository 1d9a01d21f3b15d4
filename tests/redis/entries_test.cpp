#include "support/server_fixture.hpp"

#include <boost/asio/post.hpp>

#include "kurs/runtime/task_group.hpp"

namespace kurs::testing {
namespace {

using Texts = std::vector<std::string>;

class ViewTest : public ServerTest {};

TEST_F(ViewTest, IsReadInTheOrderInWhichItWasAppended) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    Texts appended, ids;
    for (int i = 0; i < 250; ++i) {
        appended.push_back(std::to_string(i));
        ids.push_back(get(a.append(epoch, ++version, appended.back())).value());
    }
    Texts read, read_ids;
    std::string last;
    while (read.size() < appended.size()) {
        for (const auto& entry : get(queue("b").read_entries(last, 0ms))) {
            EXPECT_EQ(entry.epoch, epoch);
            EXPECT_EQ(entry.after, last);
            read.push_back(entry.text);
            read_ids.push_back(last = entry.id);
        }
    }
    EXPECT_EQ(read, appended);
    EXPECT_EQ(read_ids, ids);
}

TEST_F(ViewTest, IsReadFromAnIdOn) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    const auto first = get(a.append(epoch, ++version, "one")).value();
    get(a.append(epoch, ++version, "two"));
    EXPECT_EQ(texts_of(get(a.read_entries(first, 0ms))), Texts{"two"});
}

TEST_F(ViewTest, AnEntryThatOthersHaveOvertakenChangesNothing) {
    auto &a = queue("a"), &b = queue("b");
    const auto older = lead(a);
    EXPECT_TRUE(get(a.append(older, 2, "two", "board two")));
    for (const std::uint64_t late : {1u, 2u}) EXPECT_FALSE(run(loop, a.append(older, late, "late", "late")));
    EXPECT_TRUE(get(a.release_lease(older)));
    const auto newer = lead(b);
    EXPECT_FALSE(run(loop, b.append(newer, 2, "another two", "another two")));
    EXPECT_TRUE(get(b.append(newer, 3, "three")));
    EXPECT_EQ(texts_of(get(b.read_entries("", 0ms))), (Texts{"two", "three"}));
    EXPECT_EQ(get(b.load_snapshot())->text, "board two");
}

TEST_F(ViewTest, AReadWithoutEntriesEndsAfterItsWait) {
    auto& a = queue("a");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(get(a.read_entries("", 100ms)).empty());
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 100ms);
    EXPECT_LT(took, 1s);
    EXPECT_TRUE(get(a.read_entries("", 0ms)).empty());
}

TEST_F(ViewTest, AReadEndsWithTheFirstEntryAndDelaysNothingElse) {
    auto &a = queue("a"), &b = queue("b");
    const auto epoch = lead(a);
    TaskGroup tasks(loop.get_executor());
    Texts read;
    auto reading = [&]() -> net::awaitable<void> {
        const auto entries = co_await b.read_entries("", 60s);
        read = texts_of(entries.value());
    };
    tasks.spawn("reading", reading());
    EXPECT_FALSE(get(b.take_lease(1s)));
    EXPECT_TRUE(get(a.append(epoch, ++version, "one")));
    run_until(loop, [&] { return tasks.is_empty(); });
    EXPECT_EQ(read, Texts{"one"});
}

TEST_F(ViewTest, ACancelledReadEndsAtOnceAndDelaysNoOther) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    TaskGroup tasks(loop.get_executor());
    auto reading = [&]() -> net::awaitable<void> { co_await a.read_entries("", 60s); };
    tasks.spawn("reading", reading());
    let_pass(loop, 50ms);
    net::post(loop, [&] { tasks.stop(); });
    run_until(loop, [&] { return tasks.is_empty(); });
    get(a.append(epoch, ++version, "one"));
    EXPECT_EQ(texts_of(get(a.read_entries("", 60s))), Texts{"one"});
}

TEST_F(ViewTest, IsTrimmedByTimeAndLaggingReplicasNotice) {
    redis::RedisLimits limits;
    limits.view_kept = 20ms;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    const auto first = get(a.append(epoch, ++version, "one")).value();
    for (int i = 0; i < 500; ++i) get(a.append(epoch, ++version, std::string(1000, 'x')));
    let_pass(loop, 30ms);
    get(a.append(epoch, ++version, "last"));
    const auto read = get(a.read_entries(first, 0ms));
    EXPECT_LT(read.size(), 100);
    EXPECT_NE(read.front().after, first);
}

TEST_F(ViewTest, ASnapshotIsLoadedAsItWasSaved) {
    auto& a = queue("a");
    EXPECT_FALSE(get(a.load_snapshot()));
    const auto epoch = lead(a);
    std::string bytes(100'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
    EXPECT_TRUE(get(a.append(epoch, ++version, "one", "old")));
    const auto id = get(a.append(epoch, ++version, "two", bytes));
    EXPECT_TRUE(get(a.append(epoch, ++version, "three")));
    const auto snapshot = get(queue("b").load_snapshot());
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->id, id);
    EXPECT_EQ(snapshot->epoch, epoch);
    EXPECT_EQ(snapshot->text, bytes);
}

TEST_F(ViewTest, AnEntryIsNotStoredIfItsSnapshotCannotBe) {
    auto& a = queue("a");
    const auto epoch = lead(a);
    ask({"SET", "kurs:snapshot", "a key of another type"});
    EXPECT_FALSE(run(loop, a.append(epoch, ++version, "one", "a snapshot")));
    EXPECT_TRUE(get(a.read_entries("", 0ms)).empty());
}

TEST_F(ViewTest, AFullReadOfTheLargestTextsFits) {
    redis::RedisLimits limits;
    limits.text_bytes = 64 * 1024;
    auto& a = queue("a", limits);
    const auto epoch = lead(a);
    for (int i = 0; i < 100; ++i) get(a.append(epoch, ++version, std::string(limits.text_bytes, 'x')));
    EXPECT_EQ(get(a.read_entries("", 0ms)).size(), 100);
    const auto larger = run(loop, a.append(epoch, ++version, std::string(limits.text_bytes + 1, 'x')));
    ASSERT_FALSE(larger);
    EXPECT_EQ(larger.error().text, "a text is larger than 65536 bytes");
}

TEST_F(ViewTest, ForeignEntriesHaveNoEpoch) {
    auto& a = queue("a");
    ask({"XADD", "kurs:view", "*", "something", "else"});
    const auto read = get(a.read_entries("", 0ms));
    ASSERT_EQ(read.size(), 1);
    EXPECT_EQ(read[0].epoch, Epoch{});
    EXPECT_TRUE(get(a.read_entries(read[0].id, 0ms)).empty());
}

}  // namespace
}  // namespace kurs::testing
