#include "kurs/copies/history_relay.hpp"

#include <gtest/gtest.h>

#include <list>
#include <set>

#include "fake_queue.hpp"
#include "kurs/copies/change_text.hpp"
#include "kurs/runtime/task_group.hpp"
#include "loop_test.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

/// A row as the archive keeps it: one a second, venue and direction.
using Row = std::pair<TimePoint, std::string>;

/// A copy whose archive is a set of rows.
struct Copy {
    Copy(net::io_context& loop, const MarketMap& map, FakeServer& server, RelayLimits limits)
        : queue(server),
          relay(
              map, server.clock, queue, 1000, [this] { return is_taking; }, limits),
          tasks(loop.get_executor()) {
        tasks.spawn("send", relay.send());
        tasks.spawn("receive", relay.receive());
    }

    /// What its archiver does.
    void write(std::set<Row>& archive) {
        while (is_writing) {
            relay.close_seconds(TimePoint::max());
            const auto& batch = relay.next(100);
            if (batch.quotes.empty() && batch.changes.empty()) return;
            for (const auto& record : batch.quotes)
                archive.emplace(record.recorded_at, record.quote ? to_string(record.quote->value) : "lost");
            writes += batch.quotes.size();
            relay.written();
        }
    }

    FakeQueue queue;
    bool is_taking = true;   ///< from the queue
    bool is_writing = true;  ///< what it has taken
    std::size_t writes = 0;
    HistoryRelay relay;
    TaskGroup tasks;
};

class HistoryRelayTest : public LoopTest {
protected:
    Copy& add_copy(Duration send_along_for = 10s) {
        RelayLimits limits;
        limits.send_along_for = send_along_for;
        limits.look_every = 1ms;
        limits.check_every = 5ms;
        limits.read_wait = 5ms;
        limits.idle_limit = 500ms;
        return copies.emplace_back(loop, map, server, limits);
    }

    Copy& add_leader() {
        auto& copy = add_copy();
        make_leader(copy);
        return copy;
    }

    void make_leader(Copy& copy) {
        server.newest = static_cast<Epoch>(static_cast<std::uint64_t>(server.newest) + 1);
        copy.relay.note_role(Role::leader, server.newest);
    }

    Copy& add_follower(Duration send_along_for = 10s) {
        auto& copy = add_copy(send_along_for);
        copy.relay.note_role(Role::follower, {});
        return copy;
    }

    /// All that are listed serve it, a while ago, so that its second is over.
    Row serve(std::initializer_list<Copy*> by, std::string_view value) {
        BoardChange change;
        change.visible_at = start + ++served * 1s;
        change.quotes = {quote(binance, btc_usd, value, change.visible_at)};
        for (auto* copy : by) copy->relay.record(change);
        return {change.visible_at, std::string(value)};
    }

    void step() override {
        LoopTest::step();
        for (auto& copy : copies) copy.write(archive);
    }

    void run_for(Duration duration) {
        const auto until = std::chrono::steady_clock::now() + duration;
        while (std::chrono::steady_clock::now() < until) step();
    }

    void TearDown() override {
        for (auto& copy : copies) copy.tasks.stop();
        loop.run_for(10s);
    }

    MarketMap map = small_market();
    FakeServer server;
    TimePoint start = std::chrono::floor<std::chrono::seconds>(server.clock.now()) - 60s;
    int served = 0;
    std::set<Row> archive;
    std::list<Copy> copies;
};

TEST_F(HistoryRelayTest, WhatTheLeaderServesIsWrittenByOneCopyAndAcknowledged) {
    auto& leader = add_leader();
    auto& follower = add_follower();
    std::set<Row> rows;
    for (int i = 1; i <= 20; ++i) rows.insert(serve({&leader, &follower}, std::to_string(i)));
    run_until([&] { return archive == rows && server.history.empty(); });
    EXPECT_EQ(leader.writes + follower.writes, rows.size());
}

TEST_F(HistoryRelayTest, RowsWaitInTheQueueWhileNoArchiveTakesThem) {
    auto& leader = add_leader();
    leader.is_taking = false;
    const auto row = serve({&leader}, "1");
    run_until([&] { return server.history.size() == 1; });
    run_for(20ms);
    EXPECT_LE(leader.relay.unwritten_since(server.clock.now()), row.first);
    leader.is_taking = true;
    run_until([&] { return archive == std::set{row} && server.history.empty(); });
    run_until([&] { return leader.relay.unwritten_since(server.clock.now()) > row.first; });
}

TEST_F(HistoryRelayTest, WhatADeadCopyHasTakenIsWrittenByAnother) {
    auto& leader = add_leader();
    auto& dead = add_follower();
    leader.is_taking = false;
    dead.is_writing = false;
    const auto row = serve({&leader, &dead}, "1");
    run_until([&] { return dead.relay.waiting() == 1; });
    dead.tasks.stop();
    leader.is_taking = true;
    run_until([&] { return archive == std::set{row} && server.history.empty(); });
    EXPECT_EQ(leader.writes, 1u);
}

TEST_F(HistoryRelayTest, ANewLeaderSendsWhatTheOldOneCouldNot) {
    auto& old = add_leader();
    auto& follower = add_follower();
    old.queue.is_cut = true;
    start += 55s;  // what is older than some seconds is forgotten
    const auto row = serve({&old, &follower}, "1");
    run_for(20ms);
    EXPECT_TRUE(archive.empty());
    old.tasks.stop();
    make_leader(follower);
    run_until([&] { return archive == std::set{row}; });
}

TEST_F(HistoryRelayTest, WhatALeaderCannotRememberIsSentByThoseWhoFollowed) {
    auto& old = add_leader();
    auto& follower = add_follower();
    follower.relay.note_followed(server.newest);
    old.queue.is_cut = true;
    start += 55s;
    const auto row = serve({&old, &follower}, "1");
    old.tasks.stop();
    auto& newcomer = add_leader();
    run_for(20ms);
    EXPECT_TRUE(archive.empty()) << "it has not heard of the new one yet";
    follower.relay.note_followed(server.newest);
    run_until([&] { return archive == std::set{row} && server.history.empty(); });
    const auto next = serve({&newcomer, &follower}, "2");
    run_until([&] { return archive == std::set{row, next} && server.history.empty(); });
}

TEST_F(HistoryRelayTest, OneThatJoinsSendsNothing) {
    auto& leader = add_leader();
    auto& follower = add_follower();
    leader.tasks.stop();
    start += 55s;
    serve({&follower}, "1");
    follower.relay.note_followed(server.newest);
    run_for(20ms);
    EXPECT_EQ(server.history_appended, 0) << "it knows nothing that its first leader does not";
}

TEST_F(HistoryRelayTest, AFollowerSendsAlongForAWhileOnly) {
    auto& leader = add_leader();
    auto& follower = add_follower(0ms);
    follower.relay.note_followed(server.newest);
    leader.tasks.stop();
    start += 55s;
    serve({&follower}, "1");
    add_leader();
    follower.relay.note_followed(server.newest);
    run_for(20ms);
    EXPECT_EQ(server.history_appended, 0);
}

TEST_F(HistoryRelayTest, WhatCouldNotBeSentIsSentAgain) {
    auto& leader = add_leader();
    leader.queue.is_cut = true;
    const auto row = serve({&leader}, "1");
    run_for(20ms);
    leader.queue.is_cut = false;
    run_until([&] { return archive == std::set{row}; });
}

TEST_F(HistoryRelayTest, ANewLeaderKnowsWhatOfTheOldOneIsNotWritten) {
    auto& old = add_leader();
    auto& follower = add_follower();
    old.is_taking = follower.is_taking = false;
    const auto row = serve({&old}, "1");
    run_until([&] { return server.history.size() == 1; });
    old.tasks.stop();
    follower.relay.note_unwritten_since(row.first + 30s);  // said by mistake
    make_leader(follower);
    run_until([&] { return follower.relay.unwritten_since(server.clock.now()) <= row.first; });
    follower.is_taking = true;
    run_until([&] { return follower.relay.unwritten_since(server.clock.now()) > row.first + 30s; });
}

TEST_F(HistoryRelayTest, WhatTheQueueLosesIsWrittenByTheOneThatSentIt) {
    auto& leader = add_leader();
    leader.is_taking = false;
    const auto row = serve({&leader}, "1");
    run_until([&] { return server.history.size() == 1; });
    server.history.clear();
    leader.queue.is_cut = true;
    leader.relay.note_role(Role::alone, {});
    run_until([&] { return archive == std::set{row}; });
}

TEST_F(HistoryRelayTest, ACopyOnItsOwnWritesDirectlyAndSendsAgainWhenItLeads) {
    auto& copy = add_leader();
    copy.queue.is_cut = true;
    copy.relay.note_role(Role::alone, {});
    const auto first = serve({&copy}, "1");
    run_until([&] { return archive == std::set{first}; });
    copy.queue.is_cut = false;
    make_leader(copy);
    const auto second = serve({&copy}, "2");
    run_until([&] { return archive == std::set{first, second}; });
    EXPECT_EQ(server.history_appended, 1);
}

TEST_F(HistoryRelayTest, AnOldLeadersRowsAreRefused) {
    auto& old = add_leader();
    auto& follower = add_follower();
    make_leader(follower);
    serve({&old}, "1");
    run_for(20ms);
    EXPECT_EQ(server.history_appended, 0);
    EXPECT_TRUE(archive.empty());
}

TEST_F(HistoryRelayTest, FollowersSendNothingAndForgetWhatIsOld) {
    auto& follower = add_follower();
    serve({&follower}, "1");
    run_for(20ms);
    make_leader(follower);
    run_for(20ms);
    EXPECT_EQ(server.history_appended, 0);
}

TEST_F(HistoryRelayTest, WhatAllKnowAlreadyIsNotRecordedAgain) {
    auto& leader = add_leader();
    auto& joined = add_follower();
    BoardChange whole;
    whole.quotes = {quote(binance, btc_usd, "1")};
    joined.relay.note_known(whole);
    leader.tasks.stop();
    make_leader(joined);
    whole.visible_at = start;
    joined.relay.record(whole);  // as a new leader says all it knows
    run_for(20ms);
    EXPECT_EQ(server.history_appended, 0);
}

TEST_F(HistoryRelayTest, OnlyWhatWasThereIsLost) {
    auto& leader = add_leader();
    const auto row = serve({&leader}, "1");
    BoardChange change;
    change.visible_at = row.first + 1s;
    change.lost = {{binance, btc_usd}, {coingecko, eth_usd}};
    leader.relay.record(change);
    change.visible_at += 1s;
    leader.relay.record(change);
    run_until([&] { return archive.size() == 2 && server.history.empty(); });
    EXPECT_EQ(archive, (std::set<Row>{row, {row.first + 1s, "lost"}}));
}

TEST_F(HistoryRelayTest, AMalformedEntryIsAcknowledgedAndHoldsUpNothing) {
    auto& leader = add_leader();
    server.history.push_back({{"0", server.newest, "{", {}}, nullptr, {}});
    const auto row = serve({&leader}, "1");
    run_until([&] { return archive == std::set{row} && server.history.empty(); });
}

TEST_F(HistoryRelayTest, AtTheEndALeaderSendsTheSecondThatIsNotOver) {
    auto& leader = add_leader();
    leader.is_taking = false;
    start = server.clock.now();
    serve({&leader}, "1");
    leader.tasks.stop();
    loop.run_for(10ms);
    loop.restart();
    TaskGroup ending(loop.get_executor());
    ending.spawn("finish", leader.relay.finish());
    run_until([&] { return ending.is_empty(); });
    EXPECT_EQ(server.history.size(), 1u);
    leader.write(archive);
    EXPECT_EQ(archive.size(), 1u) << "nobody else may be left to write it";
}

TEST_F(HistoryRelayTest, AFollowerKnowsOfTheLeaderWhatIsWritten) {
    auto& follower = add_follower();
    EXPECT_EQ(follower.relay.unwritten_since(noon), TimePoint{});
    follower.relay.note_unwritten_since(noon - 2s);
    EXPECT_EQ(follower.relay.unwritten_since(noon), noon - 2s);
}

}  // namespace
}  // namespace kurs
