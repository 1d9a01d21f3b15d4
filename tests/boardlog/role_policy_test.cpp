#include "kurs/boardlog/role_policy.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

TEST(RolePolicy, LeadsUntilShortlyBeforeItsLeaseEnds) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_granted(Epoch{3}, noon);
    EXPECT_EQ(policy.role(noon + 1699ms), Role::leader);
    EXPECT_EQ(policy.role(noon + 1700ms), Role::standalone);
    EXPECT_EQ(policy.epoch(), Epoch{3});
}

TEST(RolePolicy, ARenewedLeaseStartsWhenItWasRequested) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_granted(Epoch{3}, noon);
    policy.note_granted(Epoch{3}, noon + 500ms);
    EXPECT_EQ(policy.role(noon + 2199ms), Role::leader);
    EXPECT_EQ(policy.role(noon + 2200ms), Role::standalone);
}

TEST(RolePolicy, ALeaderLeadsOnThroughFailuresWhileItsLeaseLasts) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_granted(Epoch{3}, noon);
    policy.note_failure(noon + 1500ms);
    EXPECT_EQ(policy.role(noon + 1600ms), Role::leader);
}

TEST(RolePolicy, ALeaderGivesUpAfterASecondWithoutPublishing) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_granted(Epoch{3}, noon);
    EXPECT_FALSE(policy.note_unpublished(noon));
    policy.note_granted(Epoch{3}, noon + 900ms);
    EXPECT_FALSE(policy.note_unpublished(noon + 999ms));
    EXPECT_TRUE(policy.note_unpublished(noon + 1s));
    EXPECT_FALSE(policy.holds_lease(noon + 1s));
    policy.note_granted(Epoch{4}, noon + 3s);
    EXPECT_EQ(policy.role(noon + 3s), Role::standalone);
    EXPECT_TRUE(policy.holds_lease(noon + 3s));
    policy.note_published();
    EXPECT_EQ(policy.role(noon + 3s), Role::leader);
}

TEST(RolePolicy, AFailureOfAnEarlierLeadershipDoesNotCount) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_granted(Epoch{3}, noon);
    policy.note_unpublished(noon);
    policy.note_granted(Epoch{4}, noon + 1h);
    EXPECT_FALSE(policy.note_unpublished(noon + 1h));
}

TEST(RolePolicy, AFollowerIsStandaloneAfterALongOutage) {
    RolePolicy policy({2s, 300ms, 1s});
    policy.note_held_by_other(noon);
    policy.note_failure(noon + 900ms);
    EXPECT_EQ(policy.role(noon + 900ms), Role::follower);
    policy.note_failure(noon + 1s);
    EXPECT_EQ(policy.role(noon + 1s), Role::standalone);
    policy.note_held_by_other(noon + 2s);
    EXPECT_EQ(policy.role(noon + 2s), Role::follower);
}

}  // namespace
}  // namespace kurs
