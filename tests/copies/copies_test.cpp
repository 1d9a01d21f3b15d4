#include "kurs/copies/copies.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <list>

#include "fake_queue.hpp"
#include "kurs/board/board.hpp"
#include "kurs/copies/change_text.hpp"
#include "kurs/runtime/task_group.hpp"
#include "loop_test.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

/// A copy whose board shows what it was told to serve.
struct Copy {
    Copy(net::io_context& loop, const MarketMap& map, FakeServer& server, CopyLimits limits)
        : queue(server),
          served(map, 10s),
          copies(map, server.clock, queue, events(), limits),
          tasks(loop.get_executor()) {
        tasks.spawn("role", copies.keep_role());
        tasks.spawn("publish", copies.publish());
        tasks.spawn("follow", copies.follow());
    }

    CopyEvents events() {
        return {[this](Role its, Epoch) { role = its; },
                [this](BoardChange change) {
                    if (change.version <= served.version()) ++steps_back;
                    served.apply(change);
                },
                [this](BoardChange whole) { served.replace(whole); },
                [this](TimePoint end) { earlier_end = end; },
                [this] { return std::exchange(changed, {}); },
                [this] { return draft(); }};
    }

    BoardChange draft() const {
        BoardChange whole;
        if (price) whole.quotes.push_back(quote(binance, btc_usd, std::to_string(*price)));
        return whole;
    }

    void set_price(int value) {
        price = value;
        changed.quotes = {quote(binance, btc_usd, std::to_string(value))};
    }

    std::string shown() const {
        const auto* const quote = served.find(binance, btc_usd);
        return quote ? to_string(quote->value) : "";
    }

    FakeQueue queue;
    Board served;
    std::optional<int> price;
    BoardChange changed;
    std::optional<Role> role;
    std::optional<TimePoint> earlier_end;
    int steps_back = 0;
    Copies copies;
    TaskGroup tasks;
};

class CopiesTest : public LoopTest {
protected:
    Copy& add_copy() {
        return copies.emplace_back(loop, map, server,
                                   CopyLimits{{200ms, 30ms, 100ms}, {5ms, 0ms}, 20ms, 20ms, 50ms, 10ms});
    }

    void TearDown() override {
        for (auto& copy : copies) copy.tasks.stop();
        loop.run_for(10s);
    }

    MarketMap map = small_market();
    FakeServer server;
    std::list<Copy> copies;
};

TEST_F(CopiesTest, OneLeadsAndAllShowWhatItShows) {
    auto& first = add_copy();
    run_until([&] { return first.role == Role::leader; });
    auto& second = add_copy();
    auto& third = add_copy();
    first.set_price(42);
    run_until([&] { return first.shown() == "42" && second.shown() == "42" && third.shown() == "42"; });
    EXPECT_EQ(second.role, Role::follower);
    EXPECT_EQ(third.role, Role::follower);
    run_until([&] { return second.served.version() == first.served.version(); });
}

TEST_F(CopiesTest, OneThatJoinsBeginsWithTheSnapshot) {
    auto& first = add_copy();
    first.set_price(42);
    run_until([&] { return server.snapshot.has_value() && first.shown() == "42"; });
    server.view.clear();
    auto& second = add_copy();
    run_until([&] { return second.shown() == "42"; });
}

TEST_F(CopiesTest, OneThatLeadsAsSoonAsItStartsGoesOnFromWhatTheLastOneShowed) {
    auto& first = add_copy();
    first.set_price(42);
    run_until([&] { return server.snapshot.has_value() && first.shown() == "42"; });
    const auto snapshot = server.snapshot;
    first.set_price(43);
    run_until([&] { return first.shown() == "43"; });
    first.tasks.stop();
    server.snapshot = snapshot;  // 43 is in an entry after it
    server.lease.reset();
    auto& second = add_copy();
    run_until([&] { return second.role.has_value(); });
    EXPECT_EQ(second.role, Role::leader);
    EXPECT_EQ(second.shown(), "43") << "before it says anything itself";
    EXPECT_FALSE(second.earlier_end);
}

TEST_F(CopiesTest, OneThatMissedEntriesBeginsWithTheSnapshotAgain) {
    auto& first = add_copy();
    run_until([&] { return first.role == Role::leader; });
    auto& second = add_copy();
    run_until([&] { return second.role == Role::follower && second.served.version() > 0; });
    second.queue.is_cut = true;
    run_until([&] { return second.role == Role::alone; });
    first.set_price(42);
    run_until([&] { return first.shown() == "42"; });
    first.set_price(43);
    run_until(
        [&] { return first.shown() == "43" && server.snapshot->text.find("\"43\"") != std::string::npos; });
    server.view.clear();
    second.queue.is_cut = false;
    run_until([&] { return second.role == Role::follower && second.shown() == "43"; });
}

TEST_F(CopiesTest, AnotherLeadsWhenTheLeaderIsCutOff) {
    auto& first = add_copy();
    run_until([&] { return first.role == Role::leader; });
    auto& second = add_copy();
    run_until([&] { return second.role == Role::follower; });
    first.queue.is_cut = true;
    run_until([&] { return first.role == Role::alone && second.role == Role::leader; });
    first.set_price(1);
    second.set_price(2);
    run_until([&] { return first.shown() == "1" && second.shown() == "2"; });
    first.queue.is_cut = false;
    run_until([&] { return first.role == Role::follower && first.shown() == "2"; });
}

TEST_F(CopiesTest, ALeaderDoesNotShowWhatItCouldNotAppend) {
    auto& first = add_copy();
    auto& second = add_copy();
    run_until([&] { return first.role && second.role && first.role != second.role; });
    auto& leader = first.role == Role::leader ? first : second;
    leader.set_price(1);
    run_until([&] { return first.shown() == "1" && second.shown() == "1"; });
    leader.queue.is_cut = true;
    leader.set_price(2);
    while (leader.role == Role::leader) {
        EXPECT_EQ(leader.shown(), "1");
        loop.run_one_for(10ms);
    }
}

TEST_F(CopiesTest, AllGoOnAloneWithoutTheQueueAndMeetAgain) {
    auto& first = add_copy();
    auto& second = add_copy();
    run_until([&] { return first.role && second.role && first.role != second.role; });
    first.queue.is_cut = second.queue.is_cut = true;
    run_until([&] { return first.role == Role::alone && second.role == Role::alone; });
    first.queue.is_cut = second.queue.is_cut = false;
    run_until(
        [&] { return first.role != Role::alone && second.role != Role::alone && first.role != second.role; });
    EXPECT_EQ(first.steps_back + second.steps_back, 0);
}

TEST_F(CopiesTest, AllServeTheVersionOfTheSlotThatTheyShareOrNot) {
    auto& first = add_copy();
    auto& second = add_copy();
    run_until([&] { return first.role && second.role && first.role != second.role; });
    first.queue.is_cut = second.queue.is_cut = true;
    run_until([&] { return first.role == Role::alone && second.role == Role::alone; });
    first.set_price(1);
    second.set_price(2);
    run_until([&] { return first.shown() == "1" && second.shown() == "2"; });
    run_until([&] { return first.served.version() == second.served.version(); });
    EXPECT_EQ(first.served.version() % 5'000, 0u);
}

TEST_F(CopiesTest, ACopyOnItsOwnIsBehindUntilItHasNewsOfItsOwn) {
    auto& only = add_copy();
    only.set_price(42);
    run_until([&] { return only.shown() == "42"; });
    only.queue.is_cut = true;
    only.set_price(43);  // not published any more, perhaps, and not new when it is
    run_until([&] { return only.role == Role::alone; });
    const auto version = only.served.version();
    loop.run_for(30ms);
    loop.restart();
    EXPECT_EQ(only.served.version(), version);
    only.set_price(44);
    run_until([&] { return only.shown() == "44"; });
    EXPECT_GT(only.served.version(), version);
}

TEST_F(CopiesTest, WhatNobodyRenewsDoesNotReplaceWhatACopyKnowsByItself) {
    auto& only = add_copy();
    only.set_price(42);
    run_until([&] { return server.snapshot.has_value(); });
    only.queue.is_cut = true;
    run_until([&] { return only.role == Role::alone; });
    only.set_price(43);
    run_until([&] { return only.shown() == "43"; });
    // As when a request that was given up is done after all: the lease is held, and nobody leads.
    server.lease = FakeServer::Held{static_cast<Epoch>(9), server.clock.now() + 500ms};
    server.newest = static_cast<Epoch>(9);
    only.queue.is_cut = false;
    run_until([&] { return only.role == Role::leader; });
    EXPECT_EQ(only.shown(), "43");
}

TEST_F(CopiesTest, ACopyThatStartsWithoutTheQueueIsAlone) {
    auto& only = add_copy();
    only.queue.is_cut = true;
    only.set_price(7);
    run_until([&] { return only.role == Role::alone && only.shown() == "7"; });
}

TEST_F(CopiesTest, WhatCameOfAnEarlierEpochIsIgnored) {
    server.newest = static_cast<Epoch>(7);
    auto& leader = add_copy();
    leader.set_price(1);
    run_until([&] { return leader.role == Role::leader && leader.shown() == "1"; });
    auto& follower = add_copy();
    run_until([&] { return follower.shown() == "1"; });
    BoardChange old{follower.served.version() + 1, {}, {quote(binance, btc_usd, "666")}, {}, {}};
    for (const auto epoch : {Epoch{}, static_cast<Epoch>(7)}) {
        auto id = std::to_string(++server.appended);
        server.view.push_back({id, epoch, to_text(map, old), server.view.back().id});
    }
    const auto newest = server.view.back().id;
    run_until([&] { return server.view.back().id != newest && follower.served.version() > old.version; });
    EXPECT_EQ(follower.shown(), "1");
}

TEST_F(CopiesTest, WhatAnEarlierEpochAppendsIsRefused) {
    auto& first = add_copy();
    run_until([&] { return first.role == Role::leader && !server.view.empty(); });
    server.newest = static_cast<Epoch>(7);  // another has taken over, and this copy does not know yet
    server.lease = FakeServer::Held{server.newest, server.clock.now() + 10s};
    const auto known = server.view.size();
    first.set_price(666);
    run_until([&] { return first.role == Role::follower; });
    EXPECT_EQ(server.view.size(), known);
    EXPECT_NE(first.shown(), "666");
}

TEST_F(CopiesTest, TheFirstAfterAllHadEndedSaysWhenThatWasAndGoesOnFromTheirVersion) {
    BoardChange last;
    last.visible_at = server.clock.now() - 1h;
    last.version = std::numeric_limits<std::uint64_t>::max() / 2;
    server.snapshot = QueueSnapshot{"1", Epoch{}, to_text(map, last)};
    auto& first = add_copy();
    first.set_price(42);
    run_until([&] { return first.shown() == "42"; });
    ASSERT_TRUE(first.earlier_end);
    EXPECT_GE(*first.earlier_end, last.visible_at);
    EXPECT_LT(*first.earlier_end, last.visible_at + 1s);
    EXPECT_GT(first.served.version(), last.version);
}

TEST_F(CopiesTest, ACopyThatTakesOverSaysNothingOfAnEnd) {
    auto& first = add_copy();
    first.set_price(1);
    run_until([&] { return first.shown() == "1" && server.snapshot; });
    first.tasks.stop();
    auto& second = add_copy();
    second.set_price(2);
    run_until([&] { return second.role == Role::leader && second.shown() == "2"; });
    EXPECT_FALSE(second.earlier_end);
}

}  // namespace
}  // namespace kurs
