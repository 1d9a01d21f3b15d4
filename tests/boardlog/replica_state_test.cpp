#include "kurs/boardlog/replica_state.hpp"

#include <gtest/gtest.h>

#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;
using namespace log_event;
using namespace log_action;

/// A replica whose requests the test answers. The time is a slot's beginning unless the test moves it.
class ReplicaStateTest : public testing::Test {
protected:
    static constexpr Epoch first_epoch{7}, second_epoch{8};

    /// Actions other than deliveries, and the delivered changes, since the last call.
    std::vector<LogAction> step(LogEvent event) {
        std::vector<LogAction> requests;
        for (auto& action : replica.step(std::move(event), now)) {
            if (auto* const deliver = std::get_if<Deliver>(&action)) {
                served.apply(deliver->change);
                delivered.push_back(std::move(deliver->change));
            } else {
                requests.push_back(std::move(action));
            }
        }
        return requests;
    }

    std::vector<LogAction> next_slot() {
        now += 50ms;
        return step(SlotBegan{});
    }

    template <class Action>
    static Action* find(std::vector<LogAction>& actions) {
        for (auto& action : actions) {
            if (auto* const found = std::get_if<Action>(&action)) return found;
        }
        return nullptr;
    }

    template <class Action>
    static bool has(std::vector<LogAction> actions) {
        return find<Action>(actions) != nullptr;
    }

    static BoardChange change_of(int price) {
        BoardChange change;
        change.quotes = {quote(binance, btc_usd, std::to_string(price))};
        return change;
    }

    /// A change published in the slot that begins at `slot`.
    static BoardChange published(int price, TimePoint slot) {
        auto change = change_of(price);
        change.version = Slots::version_of(slot);
        change.visible_at = slot + 100ms;
        return change;
    }

    static LogEntry entry(std::string id, std::string after, BoardChange change, Epoch epoch = first_epoch) {
        return {std::move(id), std::move(after), epoch, std::move(change)};
    }

    BoardLoaded loaded(int price, std::vector<LogEntry> entries = {}) const {
        return {LogSnapshot{"10", first_epoch, published(price, now - 150ms)}, std::move(entries)};
    }

    void lead(Epoch epoch = first_epoch) {
        step(SlotBegan{});
        step(LeaseGranted{epoch, now});
        step(BoardLoaded{});
        ASSERT_EQ(replica.role(), Role::leader);
    }

    void follow(int price = 1) {
        step(SlotBegan{});
        ASSERT_TRUE(has<LoadBoard>(step(LeaseRefused{})));
        step(loaded(price));
        ASSERT_EQ(replica.role(), Role::follower);
    }

    void become_standalone() {
        step(SlotBegan{});
        step(RequestFailed{Request::lease});
        ASSERT_EQ(replica.role(), Role::standalone);
    }

    /// The leader publishes in the next slot, and the append succeeds.
    void publish() {
        auto actions = next_slot();
        auto* const append = find<Append>(actions);
        ASSERT_TRUE(append);
        auto saving = step(Appended{std::to_string(++last_id), std::move(append->change)});
        if (find<SaveSnapshot>(saving)) step(SnapshotSaved{});
    }

    std::string shown() const {
        const auto* const held = served.find(binance, btc_usd);
        return held ? to_string(held->value) : "";
    }

    MarketMap map = small_market();
    TimePoint now = noon;
    ReplicaState replica{map};
    Board served{map, 10s};
    std::vector<BoardChange> delivered;
    int last_id = 10;
};

TEST_F(ReplicaStateTest, HasNoRoleAndAsksForTheLeaseFirst) {
    const auto actions = step(SlotBegan{});
    ASSERT_EQ(actions.size(), 1u);
    EXPECT_TRUE(std::holds_alternative<TakeLease>(actions[0]));
    EXPECT_FALSE(replica.role());
    EXPECT_TRUE(next_slot().empty()) << "while the first request is under way";
}

TEST_F(ReplicaStateTest, AsksAgainHalfASecondAfterEachAnswer) {
    lead();
    now += 450ms;
    EXPECT_FALSE(has<RenewLease>(step(SlotBegan{})));
    now += 50ms;
    auto actions = step(SlotBegan{});
    ASSERT_TRUE(find<RenewLease>(actions));
    EXPECT_EQ(find<RenewLease>(actions)->epoch, first_epoch);
}

TEST_F(ReplicaStateTest, ALeaderPublishesInEverySlotAndServesADelayLater) {
    lead();
    replica.write(change_of(42));
    auto actions = next_slot();
    auto* const append = find<Append>(actions);
    ASSERT_TRUE(append);
    EXPECT_EQ(append->epoch, first_epoch);
    EXPECT_EQ(append->change.version, Slots::version_of(now));
    EXPECT_EQ(append->change.visible_at, now + 100ms);
    step(Appended{"11", append->change});
    EXPECT_EQ(shown(), "");
    next_slot();
    EXPECT_EQ(shown(), "");
    next_slot();
    EXPECT_EQ(shown(), "42");
    EXPECT_TRUE(replica.is_common(served.version()));
}

TEST_F(ReplicaStateTest, ADueChangeIsServedBeforeALateTimerFires) {
    lead();
    replica.write(change_of(42));
    publish();
    now += 99ms;
    EXPECT_FALSE(replica.has_due(now));
    now += 1ms;
    EXPECT_TRUE(replica.has_due(now));
    EXPECT_TRUE(step(TimePassed{}).empty()) << "no request";
    EXPECT_EQ(shown(), "42");
    EXPECT_FALSE(replica.has_due(now));
}

TEST_F(ReplicaStateTest, ATimerThatFiresEarlyPublishesNothingTwice) {
    lead();
    publish();
    now += 49ms;
    EXPECT_TRUE(step(SlotBegan{}).empty());
}

TEST_F(ReplicaStateTest, ASlotIsSkippedWhileTheLastOneIsBeingAppended) {
    lead();
    auto actions = next_slot();
    auto* const append = find<Append>(actions);
    ASSERT_TRUE(append);
    EXPECT_FALSE(has<Append>(next_slot()));
    ASSERT_TRUE(has<SaveSnapshot>(step(Appended{"11", append->change})));
    EXPECT_FALSE(has<Append>(next_slot())) << "while the snapshot is being saved";
    step(SnapshotSaved{});
    EXPECT_TRUE(has<Append>(next_slot()));
}

TEST_F(ReplicaStateTest, ALeaderDoesNotServeAFailedAppend) {
    lead();
    replica.write(change_of(1));
    next_slot();
    step(RequestFailed{Request::publish});
    for (int slot = 0; slot < 4; ++slot) next_slot();
    EXPECT_EQ(shown(), "");
}

TEST_F(ReplicaStateTest, AfterAFailedAppendASnapshotIsPublished) {
    lead();
    replica.write(change_of(1));
    publish();
    BoardChange other;
    other.quotes = {quote(binance, eth_usd, "7")};
    replica.write(other);
    next_slot();
    step(RequestFailed{Request::publish});
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    const auto& change = find<Append>(actions)->change;
    EXPECT_EQ(change.quotes.size(), 2u);
    EXPECT_FALSE(change.is_snapshot) << "it must be recorded";
}

TEST_F(ReplicaStateTest, ALeaderSavesASnapshotEverySecond) {
    lead();
    replica.write(change_of(42));
    int saved = 0;
    for (int slot = 0; slot < 60; ++slot) {
        if (slot % 8 == 7) step(LeaseGranted{first_epoch, now});
        auto actions = next_slot();
        auto* const append = find<Append>(actions);
        if (!append) continue;
        auto saving = step(Appended{std::to_string(slot), append->change});
        auto* const save = find<SaveSnapshot>(saving);
        if (!save) continue;
        ++saved;
        EXPECT_EQ(save->id, std::to_string(slot));
        EXPECT_EQ(save->board.quotes.size(), 1u);
        step(SnapshotSaved{});
    }
    EXPECT_EQ(saved, 3);
}

TEST_F(ReplicaStateTest, ALeaseStartsWhenItWasRequested) {
    lead();
    now += 1'700ms;
    step(SlotBegan{});
    EXPECT_EQ(replica.role(), Role::standalone);
}

TEST_F(ReplicaStateTest, ALeaderWhoseAppendIsRefusedCatchesUpBeforeItFollows) {
    lead();
    replica.write(change_of(666));
    next_slot();
    auto actions = step(AppendRefused{});
    EXPECT_TRUE(has<LoadBoard>(actions));
    EXPECT_NE(replica.role(), Role::leader);
    step(loaded(5));
    EXPECT_EQ(replica.role(), Role::follower);
    next_slot();
    EXPECT_EQ(shown(), "5");
}

TEST_F(ReplicaStateTest, AFollowerServesTheSnapshotAndLaterEntries) {
    step(SlotBegan{});
    step(LeaseRefused{});
    auto actions = step(loaded(1, {entry("11", "10", published(2, now - 100ms))}));
    EXPECT_EQ(shown(), "2");
    ASSERT_TRUE(find<ReadEntries>(actions));
    EXPECT_EQ(find<ReadEntries>(actions)->after, "11");
    ASSERT_EQ(delivered.size(), 2u);
    EXPECT_TRUE(delivered[0].is_snapshot);
    EXPECT_FALSE(delivered[1].is_snapshot);
}

TEST_F(ReplicaStateTest, AFollowerServesNothingEarly) {
    step(SlotBegan{});
    step(LeaseRefused{});
    BoardLoaded board{LogSnapshot{"10", first_epoch, published(1, now)}, {}};
    step(std::move(board));
    EXPECT_TRUE(delivered.empty()) << "ahead of the others";
    next_slot();
    EXPECT_TRUE(delivered.empty());
    next_slot();
    EXPECT_EQ(shown(), "1");
    EXPECT_TRUE(replica.is_common(served.version()));
    EXPECT_FALSE(replica.is_common(served.version() - 50'000)) << "before it joined";
}

TEST_F(ReplicaStateTest, AFollowerThatMissedEntriesLoadsTheSnapshotAgain) {
    follow();
    auto actions = step(EntriesRead{{entry("13", "12", published(3, now))}});
    EXPECT_TRUE(has<Warn>(actions));
    EXPECT_TRUE(has<LoadBoard>(actions));
    EXPECT_EQ(replica.role(), Role::follower) << "it still serves, and what it serves has an age";
}

TEST_F(ReplicaStateTest, EntriesOfAnEarlierEpochAreIgnored) {
    follow();
    step(EntriesRead{{entry("11", "10", published(2, now), second_epoch),
                      entry("12", "11", published(666, now + 50ms), first_epoch),
                      entry("13", "12", published(667, now + 50ms), Epoch{})}});
    for (int slot = 0; slot < 4; ++slot) next_slot();
    EXPECT_EQ(shown(), "2");
    EXPECT_EQ(replica.epoch(), second_epoch);
}

TEST_F(ReplicaStateTest, AMalformedEntryIsSkipped) {
    follow();
    LogEntry broken{"11", "10", first_epoch, errc::malformed};
    std::vector<LogEntry> entries;
    entries.push_back(std::move(broken));
    entries.push_back(entry("12", "11", published(2, now)));
    EXPECT_TRUE(has<Warn>(step(EntriesRead{std::move(entries)})));
    for (int slot = 0; slot < 3; ++slot) next_slot();
    EXPECT_EQ(shown(), "2");
}

TEST_F(ReplicaStateTest, AFollowerThatCannotReadForASecondIsStandalone) {
    follow();
    now += 900ms;
    step(RequestFailed{Request::read});
    EXPECT_EQ(replica.role(), Role::follower);
    now += 200ms;
    step(RequestFailed{Request::read});
    EXPECT_EQ(replica.role(), Role::standalone);
}

TEST_F(ReplicaStateTest, AStandaloneReplicaServesTheVersionOfItsSlot) {
    become_standalone();
    replica.write(change_of(7));
    EXPECT_FALSE(has<Append>(next_slot()));
    const auto slot = now;
    next_slot();
    next_slot();
    EXPECT_EQ(shown(), "7");
    EXPECT_EQ(served.version(), Slots::version_of(slot));
    EXPECT_FALSE(replica.is_common(served.version()));
}

TEST_F(ReplicaStateTest, AStandaloneReplicaPublishesNoVersionBeforeAVenueDelivers) {
    follow();
    now += 1'100ms;
    step(RequestFailed{Request::read});
    ASSERT_EQ(replica.role(), Role::standalone);
    const auto version = served.version();
    for (int slot = 0; slot < 5; ++slot) next_slot();
    EXPECT_EQ(served.version(), version);
    replica.write(change_of(2));
    for (int slot = 0; slot < 3; ++slot) next_slot();
    EXPECT_GT(served.version(), version);
    EXPECT_EQ(shown(), "2");
}

TEST_F(ReplicaStateTest, AStandaloneReplicaFollowsOnlyOnceItHasCaughtUp) {
    become_standalone();
    replica.write(change_of(7));
    for (int slot = 0; slot < 3; ++slot) next_slot();
    now += 500ms;
    step(SlotBegan{});
    EXPECT_TRUE(has<LoadBoard>(step(LeaseRefused{})));
    EXPECT_EQ(replica.role(), Role::standalone);
    step(RequestFailed{Request::read});
    EXPECT_EQ(replica.role(), Role::standalone);
    now += 200ms;
    EXPECT_TRUE(has<LoadBoard>(step(SlotBegan{})));
    step(loaded(8));
    EXPECT_EQ(replica.role(), Role::follower);
    next_slot();
    EXPECT_EQ(shown(), "8");
}

// As when a request that timed out is carried out anyway: the lease is held, and no replica leads.
TEST_F(ReplicaStateTest, ASnapshotThatNoLeaderRenewsDoesNotReplaceNewerQuotes) {
    become_standalone();
    replica.write(change_of(43));
    for (int slot = 0; slot < 3; ++slot) next_slot();
    step(LeaseRefused{});
    BoardLoaded old{LogSnapshot{"10", first_epoch, published(42, now - 5s)}, {}};
    step(std::move(old));
    EXPECT_EQ(replica.role(), Role::standalone);
    EXPECT_EQ(shown(), "43");
}

TEST_F(ReplicaStateTest, VersionsOfAReplicaNeverGoBackwards) {
    follow();
    now += 1'100ms;
    step(RequestFailed{Request::read});
    for (int round = 0; round < 4; ++round) {
        replica.write(change_of(round + 2));
        next_slot();
        if (round == 1) step(LeaseGranted{second_epoch, now});
        if (round == 2) step(RequestFailed{Request::publish});
    }
    for (int slot = 0; slot < 4; ++slot) next_slot();
    EXPECT_TRUE(std::ranges::is_sorted(delivered, {}, &BoardChange::version));
    EXPECT_GT(delivered.size(), 2u);
}

TEST_F(ReplicaStateTest, ANewLeaderContinuesFromThePublishedBoard) {
    step(SlotBegan{});
    EXPECT_TRUE(has<LoadBoard>(step(LeaseGranted{second_epoch, now})));
    EXPECT_FALSE(replica.role()) << "it would publish an empty board";
    EXPECT_FALSE(has<Append>(next_slot()));
    step(loaded(1, {entry("11", "10", published(2, now - 100ms))}));
    EXPECT_EQ(replica.role(), Role::leader);
    EXPECT_EQ(shown(), "2") << "before it says anything itself";
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    const auto& change = find<Append>(actions)->change;
    ASSERT_EQ(change.quotes.size(), 1u);
    EXPECT_EQ(to_string(change.quotes[0].value), "2");
}

TEST_F(ReplicaStateTest, TheFirstReplicaAfterAFullStopRecordsTheStopAndContinuesTheVersions) {
    step(SlotBegan{});
    step(LeaseGranted{second_epoch, now});
    auto last = published(1, now - 1h);
    last.version = Slots::version_of(now + 24h);
    const auto version = last.version;
    const auto end = last.visible_at + 1s;
    BoardLoaded board{LogSnapshot{"10", first_epoch, std::move(last)}, {}};
    step(std::move(board));
    ASSERT_EQ(delivered.size(), 1u);
    ASSERT_TRUE(delivered[0].active);
    EXPECT_EQ(delivered[0].active->at, end);
    EXPECT_EQ(shown(), "") << "an hour old";
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_GT(find<Append>(actions)->change.version, version);
}

TEST_F(ReplicaStateTest, ARestoredBoardIsPublishedAsASnapshot) {
    lead();
    publish();
    auto board = change_of(3);
    board.is_snapshot = true;
    replica.write(std::move(board));
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_EQ(find<Append>(actions)->change.quotes.size(), 1u);
    EXPECT_FALSE(find<Append>(actions)->change.lost.empty());
}

}  // namespace
}  // namespace kurs
