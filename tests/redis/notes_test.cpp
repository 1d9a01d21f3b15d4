#include "support/server_fixture.hpp"

namespace kurs::testing {
namespace {

using Texts = std::vector<std::string>;

class NotesTest : public ServerTest {
protected:
    /// Shifts the replica's registration back by this much.
    void age(const std::string& copy, Duration by) {
        ask({"ZINCRBY", "kurs:replicas", std::to_string(-by.count()), copy});
    }
};

TEST_F(NotesTest, AreReadUnchangedByOthers) {
    const std::string bytes("a\0\r\n\xff", 5);
    EXPECT_TRUE(get(queue("a").leave_note("one", bytes, 60s)));
    EXPECT_TRUE(get(queue("a").leave_note("two", "2", 60s)));
    EXPECT_EQ(get(queue("b").read_notes({"two", "none", "one", "two"})), (Texts{"2", "", bytes, "2"}));
    EXPECT_EQ(get(queue("b").read_notes({})), Texts{});
}

TEST_F(NotesTest, AreReplacedTextAndTimeAlike) {
    auto &a = queue("a"), &b = queue("b");
    EXPECT_TRUE(get(a.leave_note("one", "older", 30ms)));
    EXPECT_TRUE(get(b.leave_note("one", "newer", 60s)));
    let_pass(loop, 50ms);
    EXPECT_EQ(get(a.read_notes({"one"})), Texts{"newer"});
}

TEST_F(NotesTest, Expire) {
    auto& a = queue("a");
    EXPECT_TRUE(get(a.leave_note("one", "1", 30ms)));
    EXPECT_TRUE(get(a.leave_note("two", "2", 60s)));
    let_pass(loop, 50ms);
    EXPECT_EQ(get(a.read_notes({"one", "two"})), (Texts{"", "2"}));
    EXPECT_EQ(ask({"KEYS", "kurs:note:*"}).array.size(), 1);
}

TEST_F(NotesTest, AreNotStoredWithoutATime) {
    auto& a = queue("a");
    for (const auto kept : {0ms, -1ms}) EXPECT_FALSE(run(loop, a.leave_note("one", "1", kept)));
    EXPECT_EQ(get(a.read_notes({"one"})), Texts{""});
}

TEST_F(NotesTest, AreLimitedInSizeAndNumber) {
    redis::RedisLimits limits;
    limits.text_bytes = 64 * 1024;
    auto& a = queue("a", limits);
    Texts names;
    for (int i = 0; i < 100; ++i) {
        names.push_back(std::to_string(i));
        EXPECT_TRUE(get(a.leave_note(names.back(), std::string(limits.text_bytes, 'x'), 60s)));
    }
    EXPECT_EQ(get(a.read_notes(names)).back().size(), limits.text_bytes);
    names.emplace_back("100");
    const auto too_many = run(loop, a.read_notes(names));
    const auto too_large = run(loop, a.leave_note("one", std::string(limits.text_bytes + 1, 'x'), 60s));
    ASSERT_FALSE(too_many || too_large);
    EXPECT_EQ(too_many.error().text, "too many notes at once");
    EXPECT_EQ(too_large.error().text, "a text is larger than 65536 bytes");
}

TEST_F(NotesTest, ReplicasAreCountedOnceEach) {
    auto& a = queue("a");
    EXPECT_EQ(get(a.check_in()), 1);
    EXPECT_EQ(get(a.check_in()), 1);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(get(queue("copy " + std::to_string(i)).check_in()), i + 2);
    EXPECT_EQ(get(a.check_in()), 21);
}

TEST_F(NotesTest, SilentReplicasAreNoLongerCounted) {
    for (const auto* copy : {"a", "b", "c"}) get(queue(copy).check_in());
    age("a", 9s);
    age("b", 10s + 1ms);
    EXPECT_EQ(get(queue("c").check_in()), 2);
    EXPECT_EQ(ask({"ZCARD", "kurs:replicas"}).integer, 2);
    EXPECT_EQ(get(queue("b").check_in()), 3);
    for (const auto* copy : {"a", "b", "c"}) age(copy, 20s);
    EXPECT_EQ(get(queue("a").check_in()), 1);
}

TEST_F(NotesTest, TheRegistryExpiresWhenAllReplicasAreSilent) {
    get(queue("a").check_in());
    const auto left = ask({"PTTL", "kurs:replicas"}).integer;
    EXPECT_GT(left, 5'000);
    EXPECT_LE(left, 10'000);
}

TEST_F(NotesTest, KeysOfAnotherKindAreFailuresOrNoNotes) {
    ask({"LPUSH", "kurs:replicas", "list"});
    ask({"LPUSH", "kurs:note:one", "list"});
    auto& a = queue("a");
    EXPECT_FALSE(run(loop, a.check_in()));
    EXPECT_EQ(get(a.read_notes({"one"})), Texts{""});
    EXPECT_TRUE(get(a.leave_note("one", "1", 60s)));
    EXPECT_EQ(get(a.read_notes({"one"})), Texts{"1"});
}

}  // namespace
}  // namespace kurs::testing
