#include "kurs/boardlog/shared_board_log.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <list>

#include "fake_log_store.hpp"
#include "kurs/boardlog/change_text.hpp"
#include "support/running_loop.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

constexpr ReplicaLimits fast{{200ms, 30ms, 100ms}, {5ms, 0ms}, 20ms, 20ms, 10ms, 10s, 10s, 20ms};

/// A replica whose venues are the test.
struct Replica {
    Replica(net::io_context& loop, const MarketMap& map, FakeServer& server)
        : served(map, 10s), tasks(loop.get_executor()) {
        auto own_store = std::make_unique<FakeLogStore>(server);
        store = own_store.get();
        log.emplace(loop.get_executor(), map, server.clock, std::move(own_store), served, events(), fast);
        tasks.spawn("log", log->run());
    }

    BoardLogEvents events() {
        return {.on_change =
                    [this](const BoardChange&) {
                        if (served.version() < last_version) ++steps_back;
                        last_version = served.version();
                    },
                .on_wanted = [this](VenueId venue) { wanted = venue; },
                .make_note = [this] { return own_note; },
                .on_note = [this](std::string_view text) { note = text; }};
    }

    std::optional<Role> role() const { return log->status()->role; }

    void set_price(int value) {
        BoardChange change;
        change.quotes = {quote(binance, btc_usd, std::to_string(value))};
        log->append(std::move(change), TimePoint{});
    }

    std::string shown() const {
        const auto* const quote = served.find(binance, btc_usd);
        return quote ? to_string(quote->value) : "";
    }

    Board served;
    FakeLogStore* store = nullptr;
    std::optional<SharedBoardLog> log;
    TaskGroup tasks;
    std::uint64_t last_version = 0;
    int steps_back = 0;
    std::optional<VenueId> wanted;
    std::string own_note = "a note";
    std::string note;
};

class SharedBoardLogTest : public ::testing::Test {
protected:
    Replica& add_replica() { return replicas.emplace_back(loop, map, server); }

    /// Two replicas, the leader first.
    std::pair<Replica&, Replica&> leader_and_follower() {
        auto& first = add_replica();
        until([&] { return first.role() == Role::leader; });
        auto& second = add_replica();
        until([&] { return second.role() == Role::follower; });
        return {first, second};
    }

    /// Both serve boards of their own until `mend` is called, and share one again after it.
    void expect_boards_of_their_own(Replica& first, Replica& second, const std::function<void()>& mend) {
        until([&] { return first.role() == Role::standalone && second.role() == Role::standalone; });
        first.set_price(1);
        second.set_price(2);
        until([&] { return first.shown() == "1" && second.shown() == "2"; });
        mend();
        until([&] { return first.log->is_writer() != second.log->is_writer(); });
        EXPECT_EQ(first.steps_back + second.steps_back, 0);
    }

    void until(const std::function<bool()>& condition) { kurs::testing::run_until(loop, condition); }

    void TearDown() override {
        TaskGroup closing(loop.get_executor());
        for (auto& replica : replicas) closing.spawn("close", close(replica));
        kurs::testing::run_out(loop);
    }

    static net::awaitable<void> close(Replica& replica) {
        const bool has_stopped = co_await replica.tasks.end(1s);
        const bool has_ended = co_await replica.log->close(1s);
        EXPECT_TRUE(has_stopped && has_ended);
    }

    net::io_context loop{1};
    MarketMap map = small_market();
    FakeServer server;
    std::list<Replica> replicas;
};

TEST_F(SharedBoardLogTest, OneReplicaLeadsAndAllServeTheSame) {
    auto [leader, follower] = leader_and_follower();
    EXPECT_TRUE(leader.log->is_writer());
    EXPECT_FALSE(follower.log->is_writer());
    leader.set_price(42);
    until([&] { return leader.shown() == "42" && follower.shown() == "42"; });
    until([&] { return leader.served.version() == follower.served.version(); });
    EXPECT_TRUE(follower.log->is_common(follower.served.version()));
}

TEST_F(SharedBoardLogTest, AReplicaThatJoinsStartsFromTheSnapshot) {
    auto& first = add_replica();
    until([&] { return first.role() == Role::leader; });
    first.set_price(42);
    until([&] { return server.snapshot && server.snapshot->text.find("\"42\"") != std::string::npos; });
    server.entries.clear();
    auto& second = add_replica();
    until([&] { return second.shown() == "42"; });
}

TEST_F(SharedBoardLogTest, ANewLeaderContinuesFromAllEntriesAfterTheSnapshot) {
    constexpr int count = 250;
    const auto now = std::chrono::floor<Duration>(server.clock.now());
    for (int i = 0; i <= count; ++i) {
        BoardChange change;
        change.version = Slots::version_of(now) + static_cast<std::uint64_t>(i);
        change.visible_at = now;
        change.quotes = {quote(binance, btc_usd, std::to_string(i + 1))};
        const auto id = std::to_string(++server.appended);
        if (i == 0) server.snapshot = StoredSnapshot{id, server.newest, to_text(map, change)};
        const auto after = i == 0 ? "" : std::to_string(i);
        server.entries.push_back({id, Epoch{1}, to_text(map, change), after});
    }
    auto& replica = add_replica();
    until([&] { return replica.role() == Role::leader; });
    EXPECT_EQ(replica.log->snapshot().quotes.at(0).value, rate(std::to_string(count + 1)));
}

TEST_F(SharedBoardLogTest, AnotherLeadsWhenTheLeaderIsCutOffAndBothMeetAgain) {
    auto [first, second] = leader_and_follower();
    first.store->is_cut = true;
    until([&] { return first.role() == Role::standalone && second.role() == Role::leader; });
    first.set_price(1);
    second.set_price(2);
    until([&] { return first.shown() == "1" && second.shown() == "2"; });
    first.store->is_cut = false;
    until([&] { return first.role() == Role::follower && first.shown() == "2"; });
    EXPECT_EQ(first.steps_back + second.steps_back, 0);
}

TEST_F(SharedBoardLogTest, AllAreStandaloneWithoutTheStore) {
    auto [first, second] = leader_and_follower();
    first.store->is_cut = second.store->is_cut = true;
    expect_boards_of_their_own(first, second, [&] {
        until([&] { return first.served.version() == second.served.version(); });
        first.store->is_cut = second.store->is_cut = false;
    });
}

TEST_F(SharedBoardLogTest, AnotherLeadsWhenTheLeaderCannotPublish) {
    auto [first, second] = leader_and_follower();
    first.store->refuses_entries = true;
    until([&] { return first.role() == Role::follower && second.role() == Role::leader; });
    second.set_price(2);
    until([&] { return first.shown() == "2" && second.shown() == "2"; });
}

TEST_F(SharedBoardLogTest, AllAreStandaloneWhileNoneCanPublish) {
    auto [first, second] = leader_and_follower();
    first.store->refuses_entries = second.store->refuses_entries = true;
    expect_boards_of_their_own(first, second,
                               [&] { first.store->refuses_entries = second.store->refuses_entries = false; });
}

TEST_F(SharedBoardLogTest, AClosedLeaderLeavesTheLeaseToTheNext) {
    auto& first = add_replica();
    until([&] { return first.role() == Role::leader; });
    TaskGroup closing(loop.get_executor());
    closing.spawn("close", close(first));
    until([&] { return closing.is_empty(); });
    EXPECT_FALSE(server.lease);
}

TEST_F(SharedBoardLogTest, TheLeadersNoteReachesFollowers) {
    auto [leader, follower] = leader_and_follower();
    EXPECT_EQ(leader.note, "") << "nobody led before";
    until([&] { return follower.note == "a note"; });
}

TEST_F(SharedBoardLogTest, ALeaderThatReturnsReadsTheNoteOfTheOneMeanwhile) {
    auto [first, second] = leader_and_follower();
    until([&] { return server.notes["leader"] == first.own_note; });
    second.own_note = "credits spent meanwhile";
    first.store->is_cut = true;
    until([&] { return server.notes["leader"] == second.own_note; });
    second.store->is_cut = true;
    until([&] { return second.role() == Role::standalone && server.clock.now() > server.lease->until; });
    first.store->is_cut = false;
    until([&] { return first.role() == Role::leader && server.notes["leader"] == first.own_note; });
    EXPECT_EQ(first.note, second.own_note);
}

TEST_F(SharedBoardLogTest, RequestsOfAFollowersClientsReachTheLeader) {
    auto [leader, follower] = leader_and_follower();
    follower.log->want(coingecko);
    until([&] { return leader.wanted == coingecko; });
    EXPECT_FALSE(follower.wanted);
}

TEST_F(SharedBoardLogTest, RequestsOfTheLeadersClientsReachIt) {
    auto [leader, follower] = leader_and_follower();
    leader.log->want(coingecko);
    until([&] { return leader.wanted == coingecko; });
}

}  // namespace
}  // namespace kurs
