// Model checking of the replica rules: the state machine of the service, three times, against a model of the
// store. KURS_MODEL="slots faults fault_slots" explores more than these tests do (`make model`).
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "model_search.hpp"

namespace kurs::model {
namespace {

Findings look(const Rules& rules, Scope scope, Start start) {
    const auto found = explore(rules, scope, start);
    std::cout << scope.slots << " slots, at most " << scope.faults << " faults in the first "
              << scope.fault_slots << ": " << found.states << " states, all together again within "
              << found.longest_return << " slots from each of " << found.slot_beginnings << "\n";
    return found;
}

TEST(ReplicaModel, KeepsItsPromisesWhateverFailsAtOneReplica) {
    EXPECT_EQ(look({}, {.slots = 5, .faults = 1, .fault_slots = 1}, Start::together).broken, "");
}

TEST(ReplicaModel, KeepsItsPromisesWhateverFailsAtTheStart) {
    EXPECT_EQ(look({}, {.slots = 2, .faults = 1, .fault_slots = 2}, Start::fresh).broken, "");
}

TEST(ReplicaModel, KeepsItsPromisesInTheScopeOfTheEnvironment) {
    const char* const text = std::getenv("KURS_MODEL");
    if (!text) GTEST_SKIP() << "KURS_MODEL is not set";
    Scope scope{.reports = true};
    ASSERT_TRUE(std::istringstream(text) >> scope.slots >> scope.faults >> scope.fault_slots);
    EXPECT_EQ(look({}, scope, Start::together).broken, "");
}

// The search finds what it is for.

TEST(ReplicaModel, FindsAStoreThatDoesNotFenceEpochs) {
    const Rules rules{.store_fences = false};
    const auto found = look(rules, {.slots = 4, .faults = 1, .fault_slots = 1}, Start::together);
    EXPECT_NE(found.broken.find("under a version that has"), std::string::npos) << found.broken;
}

TEST(ReplicaModel, FindsAStoreThatTakesEntriesThatWereOvertaken) {
    const Rules rules{.store_orders = false};
    const auto found = look(rules, {.slots = 6, .faults = 1, .fault_slots = 1}, Start::together);
    EXPECT_NE(found.broken.find("a late request is carried out: publish"), std::string::npos) << found.broken;
}

TEST(ReplicaModel, FindsALeaderThatTrustsItsLeaseTooLong) {
    const Rules rules{.lease_of_replicas = std::chrono::seconds(20)};
    const Scope scope{.slots = 4, .faults = 1, .fault_slots = 1, .return_limit = 100};
    const auto found = look(rules, scope, Start::together);
    EXPECT_EQ(found.broken.find("two replicas lead at the same time"), 0u) << found.broken;
    EXPECT_NE(found.broken.find("FREEZE"), std::string::npos) << found.broken;
}

TEST(ReplicaModel, FindsAReplicaThatNeverReturns) {
    const Rules rules{.apart = 2};
    const auto found = look(rules, {.slots = 1}, Start::fresh);
    EXPECT_EQ(found.broken.find("they never serve together again"), 0u) << found.broken;
}

}  // namespace
}  // namespace kurs::model
