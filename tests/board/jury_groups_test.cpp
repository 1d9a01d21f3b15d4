#include <gtest/gtest.h>

#include "board/court.hpp"

/// Venues whose quotes have legs in common.
namespace kurs {
namespace {

using namespace testing;
using built_in::binance, built_in::coingecko, built_in::kraken, built_in::okx, built_in::bybit,
    built_in::coinbase;
using built_in::with_rub, built_in::with_usdt;

constexpr std::array independent{kraken, coingecko, coinbase};
constexpr std::array kraken_and_coingecko{kraken, coingecko};

struct Exchange : Court {
    explicit Exchange(bool is_in_rub = false) : Court(built_in::market()) {
        symbols = built_in::symbols(is_in_rub);
    }
};

/// BTC-USD, trusted at 100 at the three venues with USDT and at the others given.
struct Dollars : Exchange {
    explicit Dollars(Venues others) {
        say_each(with_usdt, "100");
        say_each(others, "100");
        pass(2s);
    }
};

/// BTC-RUB, trusted at 100.
struct Roubles : Exchange {
    Roubles() : Exchange(true) {
        say_each(six, "100");
        pass(2s);
    }
};

TEST(JuryGroups, AWrongLegOfThreeVenuesIsDisputedByTwoOthers) {
    for (const Venues others : {Venues(kraken_and_coingecko), Venues(independent)}) {
        for (const auto* wrong : {"101", "99", "1000"}) {
            Dollars court(others);
            court.say_each(with_usdt, wrong);
            court.hear();
            EXPECT_TRUE(court.are(with_usdt, doubted)) << wrong;
            court.pass(2s, [&] { EXPECT_TRUE(court.are(others, trusted)); });
            EXPECT_TRUE(court.are(with_usdt, disputed)) << "they are no company of each other";
            court.pass(1min, [&] { EXPECT_TRUE(court.are(others, trusted)); });
            court.say_each(with_usdt, "100");
            court.pass(10s);
            EXPECT_TRUE(court.are(with_usdt, disputed));
            court.pass(400ms);
            EXPECT_TRUE(court.are(with_usdt, trusted));
        }
    }
}

TEST(JuryGroups, AGroupIsOneWitness) {
    Dollars court(independent);
    court.say_each(with_usdt, "101");
    court.say(kraken, "101");
    court.hear();
    EXPECT_TRUE(court.are(with_usdt, doubted)) << "two against two";
    EXPECT_EQ(court.of(coingecko), trusted) << "the nearest";
    court.silence(coinbase);
    court.pass(400ms);
    EXPECT_TRUE(court.are(with_usdt, trusted)) << "two against one";
    EXPECT_EQ(court.of(coingecko), doubted);
}

TEST(JuryGroups, TheReasonNamesTheVenuesAndTheirGroups) {
    Dollars court(kraken_and_coingecko);
    court.say(kraken, "101");
    court.hear();
    EXPECT_EQ(court.jury.verdict(kraken).reason,
              "1.00 % above the median of 4 other venues in 2 groups, allowed 0.50 %");
    court.say(kraken, "100");
    court.say(okx, "99");
    court.hear();
    EXPECT_EQ(court.jury.verdict(okx).reason, "1.00 % below the median of 2 other venues, allowed 0.50 %");
}

TEST(JuryGroups, AVenueIsDisputedByTheRestOfItsGroup) {
    for (const Venues others : {Venues(), Venues(kraken_and_coingecko).first(1), Venues(independent)}) {
        for (const auto wrong : with_usdt) {
            Dollars court(others);
            court.hear(wrong, "101", 2200ms);
            for (const auto venue : with_usdt)
                EXPECT_EQ(court.of(venue), venue == wrong ? disputed : trusted) << index(wrong);
            EXPECT_TRUE(court.are(others, trusted));
        }
    }
}

TEST(JuryGroups, TwoWrongVenuesOfAGroupDoNotDisputeTheThird) {
    Dollars court(kraken_and_coingecko);
    court.say(binance, "101");
    court.say(okx, "101");
    court.pass(1min, [&] {
        EXPECT_EQ(court.of(bybit), trusted);
        EXPECT_TRUE(court.are(kraken_and_coingecko, trusted));
    });
    EXPECT_TRUE(court.are({binance, okx}, disputed));
}

TEST(JuryGroups, OneOfFiveInRoublesIsDisputedWhateverTheSixthSays) {
    for (const auto wrong : with_rub) {
        for (const auto* sixth : {"100", "101", "100.7", ""}) {
            Roubles court;
            if (*sixth) court.say(coingecko, sixth);
            if (!*sixth) court.silence(coingecko);
            court.hear(wrong, "101", 2200ms);
            for (const auto venue : with_rub)
                EXPECT_EQ(court.of(venue), venue == wrong ? disputed : trusted) << index(wrong) << sixth;
            EXPECT_EQ(court.of(coingecko), trusted);
        }
    }
}

TEST(JuryGroups, FiveThatShareTheRoubleAndASixthAreTwoWitnesses) {
    Roubles court;
    court.hear(coingecko, "101.5", 1min);
    EXPECT_TRUE(court.are(six, trusted)) << "three times the floor";
    court.hear(coingecko, "101.6", 2200ms);
    EXPECT_EQ(court.of(coingecko), disputed);
    EXPECT_TRUE(court.are(with_rub, trusted));
}

TEST(JuryGroups, OfTwoGroupsThePreferredIsServedUnlessAllOfItMovedAlone) {
    Roubles moved_alone;
    moved_alone.say_each(with_rub, "102");
    moved_alone.pass(2200ms);
    EXPECT_TRUE(moved_alone.are(with_rub, disputed));
    EXPECT_EQ(moved_alone.of(coingecko), trusted);

    Roubles drifted;
    drifted.say_each(with_rub, "101");
    drifted.pass(6min);
    EXPECT_TRUE(drifted.are(six, trusted));
    drifted.say_each(with_rub, "102");
    drifted.pass(40s);
    EXPECT_TRUE(drifted.are(with_rub, trusted)) << "they last agreed more than five minutes ago";
    EXPECT_EQ(drifted.of(coingecko), disputed);
}

TEST(JuryGroups, AWrongPriceOfUsdtInRoublesIsDisputedByTheOthersWithTheSameRouble) {
    Roubles court;
    court.say_each(with_usdt, "101");
    court.pass(1min, [&] { EXPECT_TRUE(court.are({kraken, coinbase, coingecko}, trusted)); });
    EXPECT_TRUE(court.are(with_usdt, disputed));
}

/// The five are one witness at the top level; three of them must not decide what it says.
TEST(JuryGroups, TheMedianOfAGroupIsThatOfItsGroups) {
    Roubles court;
    court.say_each(with_usdt, "102");
    court.pass(1min, [&] { EXPECT_TRUE(court.are({kraken, coinbase, coingecko}, trusted)); });
    EXPECT_TRUE(court.are(with_usdt, disputed));
}

TEST(JuryGroups, IfAllGroupsDifferTheNearestIsServedAsAWhole) {
    Dollars court(independent);
    court.say(kraken, "102");
    court.say(coingecko, "104");
    court.say(coinbase, "98");
    court.hear();
    EXPECT_TRUE(court.are(with_usdt, trusted));
    EXPECT_TRUE(court.are(independent, doubted));
}

TEST(JuryGroups, AGroupHasCompanyInAnotherGroup) {
    Dollars court(independent);
    court.say_each(with_usdt, "99");
    court.pass(3s);
    EXPECT_TRUE(court.are(with_usdt, disputed));
    court.hear(kraken, "99");
    EXPECT_TRUE(court.are(with_usdt, doubted));
    court.hear(coinbase, "99", 400ms);
    EXPECT_TRUE(court.are(with_usdt, trusted));
}

TEST(JuryGroups, FirstValuesOfAGroupAreNotProvenByEachOther) {
    Exchange court;
    court.say_each(with_usdt, "102");
    court.hear(kraken, "100", 1min);
    EXPECT_TRUE(court.are(six, unproven)) << "one against one";
    court.hear(coingecko, "100");
    EXPECT_TRUE(court.are(kraken_and_coingecko, trusted));
    court.pass(1min, [&] { EXPECT_TRUE(court.are(with_usdt, unproven)); });
    court.say_each(with_usdt, "100");
    court.pass(200ms);
    EXPECT_TRUE(court.are(with_usdt, trusted));
}

TEST(JuryGroups, FirstValuesAllAtOnceAreProvenByTheIndependent) {
    Exchange court;
    court.say_each(six, "100");
    court.say_each(with_usdt, "101");
    court.pass(1min, [&] { EXPECT_TRUE(court.are(with_usdt, unproven)); });
    EXPECT_TRUE(court.are(independent, trusted));
    EXPECT_EQ(court.jury.verdict(okx).reason,
              "first value, 1.00 % above the median of 3 other venues, allowed 0.50 %");
}

TEST(JuryGroups, WithoutOthersFirstValuesOfAGroupProveEachOther) {
    Exchange court;
    court.hear(okx, "100");
    EXPECT_EQ(court.of(okx), unproven);
    court.hear(bybit, "100.4");
    EXPECT_TRUE(court.are({okx, bybit}, trusted));
}

TEST(JuryGroups, AFirstValueNeedsTheTrustedOfItsGroupToo) {
    Exchange court;
    court.say(binance, "100");
    court.say(okx, "100");
    court.hear(kraken, "100", 2s);
    court.hear(bybit, "101", 1min);
    EXPECT_EQ(court.of(bybit), unproven);
    court.hear(bybit, "100.4");
    EXPECT_EQ(court.of(bybit), trusted);
}

TEST(JuryGroups, AWrongFirstValueOfTheGroupDoesNotDelayTheRest) {
    Exchange court;
    court.say(kraken, "100");
    court.say(binance, "1000");
    court.hear(okx, "100");
    EXPECT_TRUE(court.are({okx, kraken}, trusted));
    EXPECT_EQ(court.of(binance), unproven);
}

TEST(JuryGroups, ContradictingFirstValuesOfAGroupDoNotProveAValueBetweenThem) {
    Exchange court;
    court.say(kraken, "500");
    court.say(binance, "1000");
    court.hear(okx, "100", 1min);
    EXPECT_TRUE(court.are(six, unproven));
}

TEST(JuryGroups, TheSameQuoteOfTwoVenuesIsNoConfirmation) {
    Exchange court;
    court.symbols[index(okx)] = court.symbols[index(bybit)] = {built_in::usdt};
    court.say(okx, "100");
    court.hear(bybit, "100", 30s);
    EXPECT_EQ(court.of(okx), unproven);
    court.pass(400ms);
    EXPECT_TRUE(court.are({okx, bybit}, trusted));
}

TEST(JuryGroups, TheGroupsFollowTheLegs) {
    Dollars court(kraken_and_coingecko);
    court.symbols = {};
    for (const auto venue : with_usdt) court.say(venue, "101");
    for (const auto venue : six) court.symbols.push_back({static_cast<SymbolId>(index(venue))});
    court.hear();
    EXPECT_TRUE(court.are(with_usdt, trusted)) << "three single witnesses against two";
    EXPECT_TRUE(court.are(kraken_and_coingecko, doubted));
    court.symbols = built_in::symbols(false, built_in::other_usdt);
    court.pass(400ms);
    EXPECT_TRUE(court.are(with_usdt, doubted));
    EXPECT_TRUE(court.are(kraken_and_coingecko, trusted));
}

/// All fall by 3 % within a minute while the source of the price of USDT and the set of venues change.
TEST(JuryGroups, ASlowVenueIsComparedWithTheRangeWhileTheGroupsChange) {
    Dollars court(independent);
    const auto at = court.now;
    const auto ppm_at = [&](TimePoint when) {
        return -std::clamp<std::int64_t>((when - at) / 2ms, 0, 30'000);
    };
    int round = 0;
    court.pass(3min, [&] {
        court.symbols =
            built_in::symbols(false, ++round / 35 % 2 == 0 ? built_in::usdt : built_in::other_usdt);
        for (const auto venue : six) court.say(venue, moved(ppm_at(court.now)));
        if (round / 25 % 2 == 0) court.silence(coinbase);
        const auto observed_at = std::chrono::floor<std::chrono::minutes>(court.now - 1min);
        court.say_at(coingecko, moved(ppm_at(observed_at)), observed_at);
        for (const auto venue : {binance, okx, bybit, kraken, coingecko}) EXPECT_EQ(court.of(venue), trusted);
    });
}

}  // namespace
}  // namespace kurs
