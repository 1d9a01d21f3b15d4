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
        court.say(c, "100");
        court.pass(200ms);
        EXPECT_EQ(court.of(c), trusted);
    }
}

TEST(JuryFirstValues, AFirstValueIsServedAsSoonAsAnotherOneAgrees) {
    Court court(6);
    court.say(a, "1000");
    court.pass(5s);
    EXPECT_EQ(court.of(a), unproven);
    court.say(b, "100");
    court.pass(200ms);
    EXPECT_EQ(court.of(b), unproven);
    court.say(c, "100.4");
    court.pass(200ms);
    EXPECT_EQ(court.of(a), unproven);
    EXPECT_EQ(court.of(b), trusted);
    EXPECT_EQ(court.of(c), trusted);
}

TEST(JuryFirstValues, UnprovenVenuesThatAgreeMustOutnumberTheTrusted) {
    Court court(6);
    court.say(a, "1000");
    court.pass(31s);
    ASSERT_EQ(court.of(a), trusted) << "alone for 30 s";
    court.say(b, "100");
    court.pass(1min);
    EXPECT_EQ(court.of(b), unproven);
    court.say(c, "100");
    court.pass(200ms);
    EXPECT_EQ(court.of(b), trusted);
    EXPECT_EQ(court.of(c), trusted);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted);
}

TEST(JuryFirstValues, TwoWrongFirstValuesDoNotOutvoteTwoTrustedVenues) {
    Court court(4);
    court.say(a, "100");
    court.say(b, "100");
    court.pass(200ms);
    court.say(c, "0.1");
    court.say(d, "0.1");
    court.pass(1min);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(c), unproven);
    EXPECT_EQ(court.of(d), unproven);
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
    court.say(a, "100");
    court.pass(30s);
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
    court.say(a, "100");
    court.pass(20s);
    court.say(a, "0.1");
    court.pass(30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, TwoFirstValuesThatContradictEachOtherAreNotServed) {
    Court court(3);
    court.say(a, "1000");
    court.say(b, "100");
    court.pass(1min);
    EXPECT_EQ(court.of(a), unproven);
    EXPECT_EQ(court.of(b), unproven);
    court.say(c, "100");
    court.pass(200ms);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(JuryFirstValues, AVenueThatReturnsSoonWithItsValueIsStillTrusted) {
    Agreed court(1);
    ASSERT_EQ(court.of(a), trusted);
    court.silence(a);
    court.pass(59s);
    court.say(a, "100.4");
    court.pass(200ms);
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
        court.say(venue, "70");
        court.pass(200ms);
        EXPECT_EQ(court.of(a), venue == a ? unproven : trusted);
        court.pass(200ms);
    }
    EXPECT_EQ(court.of(b), trusted);
    EXPECT_EQ(court.of(c), trusted);
}

TEST(JuryFirstValues, ADisputedVenueThatWasStaleComesBackUnproven) {
    Agreed court(3);
    court.say(a, "101");
    court.pass(3s);
    ASSERT_EQ(court.of(a), disputed);
    court.silence(a);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), unproven);
    court.say(a, "101");
    court.pass(1min);
    EXPECT_EQ(court.of(a), unproven);
    court.say(a, "100.4");
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, ADisputedVenueThatRemainsAloneIsServedAfterThirtySeconds) {
    Agreed court(2);
    court.say(a, "110");
    court.pass(3s);
    ASSERT_EQ(court.of(a), disputed);
    court.silence(b);
    court.pass(30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryFirstValues, AClockSetBackDoesNotKeepAFirstValueWaiting) {
    Court court(1);
    court.say(a, "100");
    court.pass(20s);
    court.now -= 1h;
    court.pass(30400ms);
    EXPECT_EQ(court.of(a), trusted);
}

}  // namespace
}  // namespace kurs
