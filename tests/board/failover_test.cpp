#include "kurs/board/failover.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct FailoverTest : ::testing::Test {
    Failover failover{2, 10s};

    /// Ends the second in which the primary may start.
    void start(std::size_t primary, std::size_t secondary) {
        after(primary, secondary, noon - 1s);
        after(primary, secondary, noon);
    }

    /// The active venue after these counts, or -1.
    int after(std::size_t primary, std::size_t secondary, TimePoint now) {
        failover.decide({primary, secondary}, now);
        return failover.active() ? static_cast<int>(*failover.active()) : -1;
    }
};

TEST_F(FailoverTest, NoVenueIsActiveUntilAQuoteIsFresh) {
    EXPECT_EQ(after(0, 0, noon), -1);
    EXPECT_EQ(after(3, 0, noon), 0);
}

TEST_F(FailoverTest, ThePrimaryHasASecondToStart) {
    EXPECT_EQ(after(0, 8, noon), -1);
    EXPECT_EQ(after(0, 8, noon + 999ms), -1);
    EXPECT_EQ(after(0, 8, noon + 1s), 1);
}

TEST_F(FailoverTest, APrimaryThatStartsWithinASecondIsTheFirstToBeActive) {
    EXPECT_EQ(after(0, 8, noon), -1);
    EXPECT_EQ(after(2, 8, noon + 300ms), -1) << "it serves less";
    EXPECT_EQ(failover.decide({8, 8}, noon + 500ms)->reason, "8 fresh at start");
    EXPECT_EQ(failover.active(), 0U);
}

TEST_F(FailoverTest, APrimaryThatStartsIsReplacedAfterASecond) {
    EXPECT_EQ(after(2, 0, noon), 0);
    EXPECT_EQ(after(2, 8, noon + 999ms), 0);
    EXPECT_EQ(after(2, 8, noon + 1s), 1);
    EXPECT_EQ(after(8, 8, noon + 1100ms), 0) << "it has not failed";
}

TEST_F(FailoverTest, APrimaryThatServesNothingIsReplacedAtOnce) {
    EXPECT_EQ(after(2, 2, noon), 0);
    EXPECT_EQ(after(0, 2, noon + 100ms), 1);
}

TEST_F(FailoverTest, ADecisionOfAnotherReplicaIsNoStart) {
    failover.follow(0);
    EXPECT_EQ(after(2, 8, noon), 1);
}

TEST_F(FailoverTest, APrimaryThatStartsSlowlyTakesOverAtOnce) {
    start(0, 8);
    EXPECT_EQ(after(0, 8, noon), 1);
    EXPECT_EQ(after(8, 8, noon + 1s), 0);
}

TEST_F(FailoverTest, AVenueReplacedWhileStartingTakesOverAtOnce) {
    start(2, 0);
    EXPECT_EQ(after(2, 8, noon + 100ms), 1);
    EXPECT_EQ(after(6, 8, noon + 200ms), 1);
    EXPECT_EQ(after(8, 8, noon + 300ms), 0);
}

TEST_F(FailoverTest, AVenueThatServesLessThanBeforeHasFailed) {
    after(8, 0, noon);
    EXPECT_EQ(after(2, 8, noon + 1s), 1);
    EXPECT_EQ(after(8, 8, noon + 2s), 1);
}

TEST_F(FailoverTest, AVenueThatFailsAfterStartingWaits) {
    start(2, 0);
    after(2, 8, noon + 100ms);
    EXPECT_EQ(after(8, 8, noon + 300ms), 0);
    EXPECT_EQ(after(0, 8, noon + 1s), 1);
    EXPECT_EQ(after(8, 8, noon + 2s), 1);
}

TEST_F(FailoverTest, AVenueBehindAStartingOneIsNotPreferredToOneBeforeBoth) {
    Failover three{3, 10s};
    three.decide({0, 2, 0}, noon - 1s);
    three.decide({0, 2, 0}, noon);
    three.decide({0, 2, 8}, noon);
    EXPECT_EQ(three.active(), 2U);
    three.decide({0, 8, 8}, noon + 1ms);
    EXPECT_EQ(three.active(), 1U);
    three.decide({8, 8, 8}, noon + 2ms);
    EXPECT_EQ(three.active(), 0U);
}

TEST_F(FailoverTest, SwitchesAwayFromAVenueThatServesLess) {
    after(8, 8, noon);
    EXPECT_EQ(after(6, 8, noon + 1s), 1);
}

TEST_F(FailoverTest, StaysWithAVenueThatServesAsMuch) {
    after(8, 8, noon);
    EXPECT_EQ(after(6, 6, noon + 1s), 0);
}

TEST_F(FailoverTest, FailsBackOnlyAfterAnUninterruptedHealthyPeriod) {
    after(8, 8, noon);
    after(0, 8, noon + 1s);
    EXPECT_EQ(after(8, 8, noon + 2s), 1);
    EXPECT_EQ(after(7, 8, noon + 11s), 1) << "a break";
    EXPECT_EQ(after(8, 8, noon + 12s), 1);
    EXPECT_EQ(after(8, 8, noon + 21999ms), 1);
    EXPECT_EQ(after(8, 8, noon + 22s), 0);
}

TEST_F(FailoverTest, AMomentOfServingLessIsAFailureToo) {
    start(8, 8);
    EXPECT_EQ(after(6, 8, noon + 1s), 1);
    EXPECT_EQ(after(8, 8, noon + 1s + 5ms), 1);
    EXPECT_EQ(after(8, 8, noon + 11s), 1);
    EXPECT_EQ(after(8, 8, noon + 11s + 5ms), 0) << "ten seconds later";
}

TEST_F(FailoverTest, FailsBackAtOnceWhenTheSecondaryServesNothing) {
    after(8, 8, noon);
    after(0, 8, noon + 1s);
    EXPECT_EQ(after(5, 0, noon + 2s), 0);
}

TEST_F(FailoverTest, StaysWhenNoVenueServesAnything) {
    after(8, 8, noon);
    EXPECT_EQ(after(0, 0, noon + 1s), 0);
}

TEST_F(FailoverTest, GivesAReasonForEachChange) {
    EXPECT_EQ(failover.decide({8, 8}, noon)->reason, "8 fresh at start");
    EXPECT_EQ(failover.decide({6, 8}, noon + 1s)->reason, "8 fresh against 6");
    failover.decide({8, 8}, noon + 2s);
    EXPECT_EQ(failover.decide({8, 8}, noon + 12s)->reason, "preferred and healthy, 8 fresh against 8");
}

}  // namespace
}  // namespace kurs
