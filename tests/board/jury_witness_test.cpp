#include <gtest/gtest.h>

#include "board/court.hpp"

/// When a newer value of a venue is worth a request out of turn.
namespace kurs {
namespace {

using namespace testing;

/// Venues that are trusted at 100. The last one is polled, and its value was observed a while ago.
struct Polled : Agreed {
    explicit Polled(std::size_t venues) : Agreed(venues), last(six[venues - 1]) {
        say_at(last, rate("100"), now);
        pass(20s);
    }

    bool could_decide() const { return jury.could_decide(last, now); }

    VenueId last;
};

TEST(JuryWitness, AThirdCouldDecideBetweenTwoThatDifferUntilItHas) {
    Polled court(3);
    EXPECT_FALSE(court.could_decide());
    court.hear(b, "101");
    EXPECT_TRUE(court.could_decide());
    EXPECT_FALSE(court.jury.could_decide(a, court.now)) << "its value is of now";
    EXPECT_EQ(court.of(a), trusted) << "the old value still agrees with it";
    court.say_at(court.last, rate("101"), court.now);
    court.pass(200ms);
    EXPECT_FALSE(court.could_decide());
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(JuryWitness, AVenueWithoutAQuoteCouldDecide) {
    Polled court(3);
    court.silence(court.last);
    court.hear(b, "102");
    EXPECT_TRUE(court.could_decide());
}

TEST(JuryWitness, TheOtherOfTwoCouldDecideThoughItsOldValueContradictsNothing) {
    Polled court(2);
    court.hear(a, "103");
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_TRUE(court.could_decide());
    court.say_at(court.last, rate("100"), court.now);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_FALSE(court.could_decide());
}

TEST(JuryWitness, IsNotAskedIfTwoGroupsDecideWithoutIt) {
    for (const bool has_quote : {true, false}) {
        Polled court(4);
        if (!has_quote) court.silence(court.last);
        court.hear(b, "101");
        EXPECT_EQ(court.of(b), doubted);
        EXPECT_FALSE(court.could_decide()) << has_quote;
    }
}

TEST(JuryWitness, TwoVenuesOfAGroupAreOneThatDecides) {
    Polled court(4);
    court.map.symbols = built_in::market().symbols;
    court.symbols = {
        {SymbolId{0}, built_in::usdt}, {SymbolId{1}}, {SymbolId{2}, built_in::usdt}, {SymbolId{3}}};
    court.hear(b, "101");
    EXPECT_TRUE(court.could_decide());
}

TEST(JuryWitness, IsAskedForAMinute) {
    Polled court(3);
    court.hear(b, "101");
    EXPECT_TRUE(court.jury.could_decide(court.last, court.now + 1min));
    EXPECT_FALSE(court.jury.could_decide(court.last, court.now + 1min + 1ms));
    court.pass(2min);
    EXPECT_FALSE(court.could_decide());
    court.hear(b, "100", 11s);
    court.hear(b, "101");
    EXPECT_TRUE(court.could_decide()) << "another difference";
}

}  // namespace
}  // namespace kurs
