// The lease, publishing, and taking over.
#include "replica_state_fixture.hpp"

namespace kurs {
namespace {

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
    step(AppendAnswered{"11", append->change});
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

TEST_F(ReplicaStateTest, ASlotThatBeganDuringAnAppendIsPublishedAfterIt) {
    lead();
    auto actions = next_slot();
    const auto* append = find<Append>(actions);
    ASSERT_TRUE(append);
    EXPECT_FALSE(has<Append>(next_slot()));
    EXPECT_FALSE(has<Append>(next_slot()));
    const auto newest = now;
    now += 20ms;
    auto late = step(AppendAnswered{"11", append->change});
    append = find<Append>(late);
    ASSERT_TRUE(append);
    EXPECT_EQ(append->change.version, Slots::version_of(newest));
    EXPECT_EQ(append->change.visible_at, newest + 100ms);
    EXPECT_FALSE(has<Append>(step(AppendAnswered{"12", append->change}))) << "one in each slot";
    now = newest;
    EXPECT_TRUE(has<Append>(next_slot()));
}

TEST_F(ReplicaStateTest, NothingIsPublishedAfterALeaseThatEndedDuringAnAppend) {
    lead();
    auto actions = next_slot();
    auto* const append = find<Append>(actions);
    ASSERT_TRUE(append);
    replica.write(change_of(2));
    next_slot();
    now += 2s;
    EXPECT_FALSE(has<Append>(step(AppendAnswered{"11", append->change})));
    EXPECT_NE(replica.role(), Role::leader);
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

TEST_F(ReplicaStateTest, ALeaderThatCannotPublishServesItsOwnBoardAndReleasesTheLease) {
    lead();
    replica.write(change_of(1));
    publish();
    EXPECT_TRUE(refuse_to_publish());
    ASSERT_EQ(replica.role(), Role::standalone);
    replica.write(change_of(2));
    const auto given_up_at = now;
    wait_for_request();
    EXPECT_EQ(shown(), "2");
    EXPECT_GT(now, given_up_at + 2s) << "another replica takes it first";
}

TEST_F(ReplicaStateTest, ALeaderLeadsOnAfterAShortFailureToPublish) {
    lead();
    for (int slot = 0; slot < 60; ++slot) {
        auto actions = next_slot();
        if (auto* const renewal = find<RenewLease>(actions)) step(LeaseGranted{renewal->epoch, now});
        auto* const append = find<Append>(actions);
        if (append && slot % 10 == 9) {
            step(AppendAnswered{"11", append->change});
        } else if (append) {
            step(RequestFailed{Request::publish});
        }
    }
    EXPECT_EQ(replica.role(), Role::leader);
}

TEST_F(ReplicaStateTest, AReplicaThatFailedToPublishLeadsAgainOnceItHasPublished) {
    lead();
    replica.write(change_of(1));
    publish();
    refuse_to_publish();
    wait_for_request();
    step(LeaseGranted{second_epoch, now});
    EXPECT_EQ(replica.role(), Role::standalone);
    replica.write(change_of(2));
    refuse_to_publish();
    EXPECT_EQ(replica.role(), Role::standalone);
    EXPECT_EQ(shown(), "2") << "while it tries";

    wait_for_request();
    step(LeaseGranted{Epoch{9}, now});
    auto actions = next_slot();
    auto* const append = find<Append>(actions);
    ASSERT_TRUE(append);
    EXPECT_EQ(append->epoch, Epoch{9});
    ASSERT_EQ(append->change.quotes.size(), 1u);
    step(AppendAnswered{"21", append->change});
    EXPECT_EQ(replica.role(), Role::leader);
    publish();
    EXPECT_TRUE(std::ranges::is_sorted(delivered, {}, &BoardChange::version));
}

TEST_F(ReplicaStateTest, AReplicaThatFailedToPublishFollowsAnother) {
    lead();
    replica.write(change_of(1));
    publish();
    refuse_to_publish();
    wait_for_request();
    EXPECT_TRUE(has<LoadBoard>(step(LeaseRefused{})));
    step(loaded(5));
    EXPECT_EQ(replica.role(), Role::follower);
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
        if (append->snapshot) {
            ++saved;
            EXPECT_EQ(append->snapshot->version, append->change.version);
            EXPECT_EQ(append->snapshot->visible_at, append->change.visible_at);
            EXPECT_EQ(append->snapshot->quotes.size(), 1u);
        }
        step(AppendAnswered{std::to_string(slot), append->change});
    }
    EXPECT_EQ(saved, 3);
}

TEST_F(ReplicaStateTest, ASnapshotIsSavedAgainAfterAFailedAppend) {
    lead();
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions)->snapshot);
    step(RequestFailed{Request::publish});
    actions = next_slot();
    ASSERT_TRUE(find<Append>(actions)->snapshot);
    step(AppendAnswered{"11", find<Append>(actions)->change});
    actions = next_slot();
    EXPECT_FALSE(find<Append>(actions)->snapshot);
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
    auto actions = step(AppendAnswered{});
    EXPECT_TRUE(has<LoadBoard>(actions));
    EXPECT_NE(replica.role(), Role::leader);
    step(loaded(5));
    EXPECT_EQ(replica.role(), Role::follower);
    next_slot();
    EXPECT_EQ(shown(), "5");
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
    BoardLoaded board{snapshot(std::move(last)), {}};
    step(std::move(board));
    ASSERT_EQ(delivered.size(), 1u);
    ASSERT_TRUE(delivered[0].active);
    EXPECT_EQ(delivered[0].active->at, end);
    EXPECT_EQ(shown(), "") << "an hour old";
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_GT(find<Append>(actions)->change.version, version);
}

// The store refuses an entry that is not newer than the last one.
TEST_F(ReplicaStateTest, TheFirstReplicaAfterAFullStopContinuesTheVersionsOfTheEntries) {
    step(SlotBegan{});
    step(LeaseGranted{second_epoch, now});
    auto last = published(1, now - 1h);
    last.version = Slots::version_of(now + 24h);
    auto next = published(2, now - 1h);
    next.version = last.version + 50'000;
    const auto version = next.version;
    BoardLoaded board{snapshot(std::move(last)), {entry("11", "10", next)}};
    step(std::move(board));
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

TEST_F(ReplicaStateTest, ABoardRestoredDuringAnAppendIsPublishedAfterIt) {
    lead();
    auto actions = next_slot();
    auto* const append = find<Append>(actions);
    ASSERT_TRUE(append);
    auto board = change_of(3);
    board.is_snapshot = true;
    replica.write(std::move(board));
    step(AppendAnswered{"11", append->change});
    actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_EQ(find<Append>(actions)->change.quotes.size(), 1u);
}

TEST_F(ReplicaStateTest, AProofHasTheVersionOfItsSlot) {
    lead();
    replica.write(change_of(1));
    publish();
    refuse_to_publish();
    wait_for_request();
    step(LeaseRefused{});
    step(loaded(5));
    ASSERT_EQ(replica.role(), Role::follower);
    now += 2500ms;
    ASSERT_TRUE(has<TakeLease>(next_slot()));
    step(LeaseGranted{second_epoch, now});
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_EQ(find<Append>(actions)->change.version, Slots::version_of(now));
}

// The store refuses a version that it has, and the first proof may have been carried out.
TEST_F(ReplicaStateTest, AProofThatFailedIsRepeatedUnderALargerVersion) {
    follow();
    now -= 1min;  // a clock that is far behind those of the others
    step(EntriesRead{{entry("11", "10", published(2, now + 1min))}});
    step(LeaseGranted{second_epoch, now});
    EXPECT_TRUE(refuse_to_publish());
    wait_for_request();
    step(LeaseGranted{Epoch{9}, now});
    auto actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    const auto version = find<Append>(actions)->change.version;
    step(RequestFailed{Request::publish});
    actions = next_slot();
    ASSERT_TRUE(find<Append>(actions));
    EXPECT_GT(find<Append>(actions)->change.version, version);
}

TEST_F(ReplicaStateTest, ARenewalThatWasUnderWayDoesNotUndoTheGivingUp) {
    lead();
    publish();
    EXPECT_TRUE(refuse_to_publish());
    const auto given_up_at = now;
    step(LeaseGranted{first_epoch, now});
    EXPECT_EQ(replica.role(), Role::standalone);
    EXPECT_FALSE(has<Append>(next_slot())) << "it has no lease";
    wait_for_request();
    EXPECT_GT(now, given_up_at + 2s);
}

TEST_F(ReplicaStateTest, AReplicaThatIsApartServesItsOwnBoardAndAsksForNothing) {
    replica.set_apart(true);
    next_slot();
    ASSERT_EQ(replica.role(), Role::standalone);
    replica.write(change_of(42));
    for (int slot = 0; slot < 40; ++slot) EXPECT_TRUE(next_slot().empty());
    EXPECT_EQ(shown(), "42");
    replica.set_apart(false);
    EXPECT_TRUE(has<TakeLease>(next_slot()));
    EXPECT_TRUE(has<LoadBoard>(step(LeaseRefused{})));
    EXPECT_EQ(replica.role(), Role::standalone) << "until it has caught up";
    step(loaded(5));
    EXPECT_EQ(replica.role(), Role::follower);
}

}  // namespace
}  // namespace kurs
