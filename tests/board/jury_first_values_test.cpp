#include <gtest/gtest.h>

#include "board/court.hpp"

namespace kurs {
namespace {

using namespace testing;

TEST(JuryFirstValues, WrongFirstValuesAmongSixAreNeverServed) {
    for (const auto* wrong : {"1000", "0.1", "101"}) {
        Court court(6);
        court.say_all("100");
        court.say(c, wrong);
        court.hear();
        court.pass(1min, [&] { EXPECT_EQ(court.of(c), unproven); });
        EXPECT_EQ(court.of(a), trusted);
        court.hear(c, "100");
        EXPECT_EQ(court.of(c), trusted);
    }
}

TEST(JuryFirstValues, AFirstValueIsServedAsSoonAsAnotherOneAgrees) {
    Court court(6);
    court.hear(a, "1000", 5s);
    EXPECT_EQ(court.of(a), unproven);
    court.hear(b, "100");
    EXPECT_EQ(court.of(b), unproven);
    court.hear(c, "100.4");
    EXPECT_EQ(court.of(a), unproven);
    EXPECT_TRUE(court.are({b, c}, trusted));
}

TEST(JuryFirstValues, UnprovenVenuesThatAgreeMustOutnumberTheTrusted) {
    Court court(6);
    court.hear(a, "1000", 31s);
    ASSERT_EQ(court.of(a), trusted) << "alone for 30 s";
    court.hear(b, "100", 1min);
    EXPECT_EQ(court.of(b), unproven);
    court.hear(c, "100");
    EXPECT_TRUE(court.are({b, c}, trusted));
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted);
}

TEST(JuryFirstValues, TwoWrongFirstValuesDoNotOutvoteTwoTrustedVenues) {
    Court court(4);
    court.say(a, "100");
    court.hear(b, "100");
    court.say(c, "0.1");
    court.hear(d, "0.1", 1min);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_TRUE(court.are({c, d}, unproven));
}

TEST(JuryFirstValues, AnEmptyWideBookIsNeverProven) {
    for (const auto venues : {1U, 2U, 6U}) {
        Court court(venues);
        if (venues > 1) court.say_all("100");
        court.say(a, rate("0.01"), rate("499999.505"), rate("999999"));
        court.pass(1min, [&] { EXPECT_EQ(court.of(a), unproven); });
        for (const auto venue : std::span(six).subspan(1, venues - 1)) EXPECT_EQ(court.of(venue), trusted);
        court.say(a, "100");
        court.pass(venues == 1 ? Duration(30'400) : Duration(200));
        EXPECT_EQ(court.of(a), trusted);
    }
}

TEST(JuryFirstValues, AFirstValueAloneIsServedAfterThirtySecondsOfItsOwnConfirmations) {
    Court court(2);
    court.hear(a, "100", 30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, AFirstValueAloneThatIsNotConfirmedIsNotServed) {
    Court court(1);
    court.say_at(a, rate("100"), court.now);
    court.pass(2min);
    EXPECT_EQ(court.of(a), unproven);
}

TEST(JuryFirstValues, AFirstValueAloneThatChangesWaitsAgain) {
    Court court(1);
    court.hear(a, "100", 20s);
    court.hear(a, "0.1", 30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, TwoFirstValuesThatContradictEachOtherAreNotServed) {
    Court court(3);
    court.say(a, "1000");
    court.hear(b, "100", 1min);
    EXPECT_TRUE(court.are({a, b}, unproven));
    court.hear(c, "100");
    EXPECT_EQ(court.of(b), trusted);
}

TEST(JuryFirstValues, AVenueThatReturnsSoonWithItsValueIsStillTrusted) {
    Agreed court(1);
    ASSERT_EQ(court.of(a), trusted);
    court.silence(a);
    court.pass(59s);
    court.hear(a, "100.4");
    EXPECT_EQ(court.of(a), trusted);
    court.silence(a);
    court.pass(61s);
    EXPECT_EQ(court.of(a), unproven);
}

TEST(JuryFirstValues, AJumpAfterAPauseIsAFirstValue) {
    for (const auto* wrong : {"1000", "0.1", "101"}) {
        Agreed court(1);
        court.silence(a);
        court.hear();
        court.say(a, wrong);
        court.hear();
        EXPECT_EQ(court.of(a), unproven) << wrong;
    }
}

TEST(JuryFirstValues, AJumpOfTheMarketIsServedWhenTwoVenuesHaveMade) {
    Agreed court(3);
    for (const auto venue : {a, b, c}) {
        court.silence(venue);
        court.hear();
        court.hear(venue, "70");
        EXPECT_EQ(court.of(a), venue == a ? unproven : trusted);
        court.pass(200ms);
    }
    EXPECT_TRUE(court.are({b, c}, trusted));
}

TEST(JuryFirstValues, ADisputedVenueThatWasStaleComesBackUnproven) {
    Agreed court(3);
    court.hear(a, "101", 3s);
    ASSERT_EQ(court.of(a), disputed);
    court.silence(a);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), unproven);
    court.hear(a, "101", 1min);
    EXPECT_EQ(court.of(a), unproven);
    court.hear(a, "100.4");
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, ADisputedVenueThatRemainsAloneIsServedAfterThirtySeconds) {
    Agreed court(2);
    court.hear(a, "110", 3s);
    ASSERT_EQ(court.of(a), disputed);
    court.silence(b);
    court.pass(30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, AClockSetBackDoesNotKeepAFirstValueWaiting) {
    Court court(1);
    court.hear(a, "100", 20s);
    court.now -= 1h;
    court.pass(30400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, AServedQuoteIsTrustedByTheNextJuryUntilItIsStale) {
    Court court(3);
    court.say_at(a, rate("100"), court.now, 1s);
    court.say_at(b, rate("100"), court.now - 1s, 1s);
    court.resume();
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_TRUE(court.are({b, c}, unproven)) << "stale, and without a quote";
    court.say(a, "100");
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, WhatHasBeenHeardIsNotResumed) {
    Court court(1);
    court.hear(a, "100");
    court.resume();
    EXPECT_EQ(court.of(a), unproven);
}

TEST(JuryFirstValues, AReturnAfterExactlyAMinuteIsAFirstValue) {
    Agreed court(1);
    court.silence(a);
    court.now += 1min;
    court.hear();
    EXPECT_EQ(court.of(a), unproven);
}

TEST(JuryFirstValues, AReturnByTheFloorIsStillTrustedAndBeyondItIsNot) {
    for (const auto& [ppm, standing] : {std::pair(5000, trusted), std::pair(5001, unproven)}) {
        Agreed court(1);
        court.silence(a);
        court.pass(10s);
        court.say(a, moved(ppm));
        court.pass(200ms);
        EXPECT_EQ(court.of(a), standing) << ppm;
    }
}

TEST(JuryFirstValues, AFirstValueAloneMayMoveByThreeFloors) {
    for (const auto& [ppm, standing] : {std::pair(15000, trusted), std::pair(15001, unproven)}) {
        Court court(1);
        court.hear(a, "100", 20s);
        court.say(a, moved(ppm));
        court.pass(10200ms);
        EXPECT_EQ(court.of(a), standing) << ppm;
    }
}

}  // namespace
}  // namespace kurs
