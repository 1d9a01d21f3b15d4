#include <gtest/gtest.h>

#include <algorithm>

#include "board/court.hpp"

namespace kurs {
namespace {

using namespace testing;

void expect_withheld_and_readmitted(VenueId broken, std::string_view wrong) {
    Agreed court(6);
    court.say(broken, wrong);
    court.hear();
    EXPECT_EQ(court.of(broken), doubted);
    court.pass(1800ms);
    EXPECT_EQ(court.of(broken), doubted);
    court.pass(200ms);
    EXPECT_EQ(court.of(broken), disputed);
    court.pass(1min);
    EXPECT_EQ(court.of(broken), disputed);
    court.hear(broken, "100", 10s);
    EXPECT_EQ(court.of(broken), disputed);
    court.pass(200ms);
    EXPECT_EQ(court.of(broken), trusted);
    for (const auto other : six) EXPECT_EQ(court.of(other), trusted);
}

TEST(JuryDisputes, AStepOfOneOfSixIsWithheldAtOnceAndReadmittedAfterTenSeconds) {
    for (const auto venue : six) {
        SCOPED_TRACE(index(venue));
        expect_withheld_and_readmitted(venue, "1000");
        expect_withheld_and_readmitted(venue, "0.1");
    }
}

TEST(JuryDisputes, OnePercentForAMinuteIsWithheldUntilTenSecondsAfterIt) {
    expect_withheld_and_readmitted(b, "101");
}

TEST(JuryDisputes, TheOthersAreServedDuringADispute) {
    for (const auto venues : {3U, 4U, 5U, 6U}) {
        Agreed court(venues);
        court.say(a, "1000");
        court.pass(1min, [&] {
            for (const auto venue : std::span(six).subspan(1, venues - 1))
                EXPECT_EQ(court.of(venue), trusted);
        });
    }
}

TEST(JuryDisputes, TheBoundaryOfTheAllowanceIsWithin) {
    for (const auto* within : {"100.5", "99.5"}) {
        Agreed court(6);
        court.say(d, within);
        court.pass(10s);
        EXPECT_EQ(court.of(d), trusted) << within;
    }
    for (const auto* beyond : {"100.500001", "99.499999"}) {
        Agreed court(6);
        court.say(d, beyond);
        court.hear();
        EXPECT_EQ(court.of(d), doubted) << beyond;
    }
}

TEST(JuryDisputes, ADisputedVenueIsReadmittedOnlyBelowHalfOfTheAllowance) {
    Agreed court(6);
    court.hear(d, "101", 3s);
    court.hear(d, "100.3", 1min);
    EXPECT_EQ(court.of(d), disputed);
    court.hear(d, "100.2", 9s);
    court.hear(d, "100.3");
    court.hear(d, "100.2", 9s);
    EXPECT_EQ(court.of(d), disputed) << "interrupted";
    court.pass(2s);
    EXPECT_EQ(court.of(d), trusted);
}

TEST(JuryDisputes, ADoubtedVenueIsTrustedAgainAtOnce) {
    Agreed court(6);
    court.hear(a, "101", 1s);
    EXPECT_EQ(court.of(a), doubted);
    court.hear(a, "100.4");
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryDisputes, ChangesAreReportedOnceWithTheirReason) {
    Agreed court(6);
    court.say(b, "112.5");
    const auto changed = court.hear();
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].venue, b);
    EXPECT_EQ(changed[0].standing, doubted);
    EXPECT_EQ(changed[0].reason, "12.50 % above the median of 5 other venues, allowed 0.50 %");
    EXPECT_TRUE(court.hear().empty());
    EXPECT_EQ(court.jury.next_change(), court.now + 2s);
}

TEST(JuryDisputes, BothSpreadsWidenTheAllowance) {
    Agreed court(6);
    court.say(b, rate("99.8"), rate("100"), rate("100.2"));
    court.say(a, rate("100.5"), rate("100.8"), rate("101.1"));
    court.hear();
    EXPECT_EQ(court.of(a), trusted) << "0.8 % of 0.5 % + 0.3 % + 0.2 %";
    court.say(a, rate("100.8"), rate("101.1"), rate("101.4"));
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
}

TEST(JuryDisputes, AWideBookWidensNothing) {
    Agreed court(6);
    court.say(a, rate("0.01"), rate("100"), rate("199.99"));
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.jury.verdict(a).reason, "spread of 199.98 %");
    court.say(b, "101");
    court.hear();
    EXPECT_EQ(court.of(b), doubted);
    court.pass(3s);
    EXPECT_EQ(court.of(a), disputed);
}

TEST(JuryDisputes, ADriftIsDoubtedAtTheAllowance) {
    Agreed court(6);
    std::int64_t ppm = 0;
    const auto drift = [&] { court.say(b, moved(ppm += 200)); };  // 0.1 % a second
    court.pass(5s, drift);
    EXPECT_EQ(court.of(b), trusted);
    court.pass(200ms, drift);
    EXPECT_EQ(court.of(b), doubted);
    court.pass(2s, drift);
    EXPECT_EQ(court.of(b), disputed);
}

TEST(JuryDisputes, TheAgeIsThatOfTheVenuesOwnLegs) {
    Agreed court(3);
    court.map.venues.push_back("cbr");
    court.map.symbols = {{a, "BTCUSDT", "BTC", "USDT", {}}, {VenueId{3}, "USD/RUB", "USD", "RUB", {}}};
    court.say_all("103");
    court.say(a, "100");
    court.quotes[index(a)]->legs = {{SymbolId{0}, false, rate("1"), rate("1"), court.now + 200ms},
                                    {SymbolId{1}, false, rate("100"), rate("100"), court.now - 24h}};
    court.now += 200ms;
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
}

TEST(JuryDisputes, OfTwoThatDifferThePreferredIsServedIfTheOtherMoved) {
    Agreed court(2);
    court.say(b, "102");
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), doubted);
    court.pass(2s);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), disputed);
}

TEST(JuryDisputes, OfTwoThatDifferTheOtherIsServedIfThePreferredMovedAlone) {
    Agreed court(2);
    court.say(a, "102");
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.of(b), trusted);
    court.pass(1min);
    EXPECT_EQ(court.of(a), disputed);
    EXPECT_EQ(court.of(b), trusted);
    court.hear(a, "100", 11s);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(JuryDisputes, ThePreferenceIsTheOrderOfTheExchangers) {
    auto market = market_of(2);
    std::ranges::reverse(market.exchangers);
    Court court(market);
    court.say_all("100");
    court.pass(2s);
    court.say(a, "102");
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
}

TEST(JuryDisputes, TwoVenuesHaveThreeTimesTheAllowance) {
    Agreed court(2);
    court.hear(b, "101.5", 5s);
    EXPECT_EQ(court.of(b), trusted);
    court.hear(b, "101.500001");
    EXPECT_EQ(court.of(b), doubted);
}

TEST(JuryDisputes, OfThreeWithOneStaleTwoAreCompared) {
    Agreed court(3);
    court.say_at(c, rate("100"), court.now, 5s);
    court.pass(5s);
    court.hear(a, "101.4", 5s);
    EXPECT_EQ(court.of(a), trusted) << "three times the allowance";
    court.hear(a, "102");
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(JuryDisputes, AClockSetBackRestartsTheWaits) {
    Agreed court(6);
    court.hear(b, "101", 1s);
    court.now -= 1h;
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), doubted);
    court.pass(2s);
    EXPECT_EQ(court.of(b), disputed);
    court.hear(b, "100", 5s);
    court.now -= 1h;
    court.pass(10400ms);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(JuryDisputes, TheNextChangeIsWhatTheQuotesAloneBringAbout) {
    Agreed court(3);
    EXPECT_EQ(court.jury.next_change(), court.quotes[0]->fresh_until);
    court.say(a, "101");
    court.hear();
    court.now = court.jury.next_change();
    court.hear();
    EXPECT_EQ(court.of(a), disputed);
    court.say(a, "100");
    court.hear();
    court.now = court.jury.next_change();
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
    court.silence(a);
    court.hear();
    EXPECT_EQ(court.jury.next_change(), court.now + 1min);
    EXPECT_EQ(Court(1).jury.next_change(), TimePoint::max());
}

}  // namespace
}  // namespace kurs
