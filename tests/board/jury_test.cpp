#include "kurs/board/jury.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;
using enum Standing;

constexpr VenueId a{0}, b{1}, c{2}, d{3};
constexpr std::array six{a, b, c, d, VenueId{4}, VenueId{5}};
constexpr Duration forever = 24h;

MarketMap market_of(std::size_t venues) {
    MarketMap map;
    for (std::size_t i = 0; i < venues; ++i) {
        map.venues.push_back("venue " + std::to_string(i));
        map.exchangers.push_back(VenueId{static_cast<std::uint8_t>(i)});
    }
    return map;
}

/// 100 plus `ppm` millionths of it.
Rate moved(std::int64_t ppm) {
    return Rate::from_units(rate("0.0001").units() * static_cast<u128>(1'000'000 + ppm)).value();
}

/// Venues that quote one direction. Every quote is confirmed by every `hear` unless it has a date.
struct Court {
    explicit Court(std::size_t venues) : Court(market_of(venues)) {}
    explicit Court(MarketMap market)
        : map(std::move(market)), quotes(map.venues.size()), is_dated(map.venues.size()) {}

    void say(VenueId venue, Rate bid, Rate value, Rate ask) {
        quotes[index(venue)] = Quote{venue, {}, bid, value, ask, now, now + forever, {}};
        is_dated[index(venue)] = false;
    }
    void say(VenueId venue, Rate value) { say(venue, value, value, value); }
    void say(VenueId venue, std::string_view value) { say(venue, rate(value)); }
    void say_at(VenueId venue, Rate value, TimePoint observed_at, Duration limit = forever) {
        quotes[index(venue)] = Quote{venue, {}, value, value, value, observed_at, observed_at + limit, {}};
        is_dated[index(venue)] = true;
    }
    void say_all(std::string_view value) {
        for (std::size_t i = 0; i < quotes.size(); ++i) say(VenueId{static_cast<std::uint8_t>(i)}, value);
    }
    void silence(VenueId venue) { quotes[index(venue)].reset(); }

    std::vector<Verdict> hear() {
        std::vector<const Quote*> heard;
        for (std::size_t i = 0; i < quotes.size(); ++i) {
            if (quotes[i] && !is_dated[i]) quotes[i]->observed_at = now;
            heard.push_back(quotes[i] ? &*quotes[i] : nullptr);
        }
        return jury.hear(heard, now);
    }

    /// Hears five times a second for `duration`.
    void pass(
        Duration duration, const std::function<void()>& before_each = [] {}) {
        for (const auto end = now + duration; now < end;) {
            now += 200ms;
            before_each();
            hear();
        }
    }

    Standing of(VenueId venue) const { return jury.standing(venue); }

    MarketMap map;
    Jury jury{map, 5000};
    TimePoint now = noon;
    std::vector<std::optional<Quote>> quotes;
    std::vector<bool> is_dated;
};

/// Venues that are trusted at 100.
struct Agreed : Court {
    explicit Agreed(std::size_t venues) : Court(venues) {
        say_all("100");
        pass(venues == 1 ? 31s : 2s);
    }
};

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
    court.say(broken, "100");
    court.pass(10s);
    EXPECT_EQ(court.of(broken), disputed);
    court.pass(200ms);
    EXPECT_EQ(court.of(broken), trusted);
    for (const auto other : six) EXPECT_EQ(court.of(other), trusted);
}

TEST(Jury, AStepOfOneOfSixIsWithheldAtOnceAndReadmittedAfterTenSeconds) {
    for (const auto venue : six) {
        SCOPED_TRACE(index(venue));
        expect_withheld_and_readmitted(venue, "1000");
        expect_withheld_and_readmitted(venue, "0.1");
    }
}

TEST(Jury, OnePercentForAMinuteIsWithheldUntilTenSecondsAfterIt) {
    expect_withheld_and_readmitted(b, "101");
}

TEST(Jury, TheOthersAreServedDuringADispute) {
    for (const auto venues : {3U, 4U, 5U, 6U}) {
        Agreed court(venues);
        court.say(a, "1000");
        court.pass(1min, [&] {
            for (const auto venue : std::span(six).subspan(1, venues - 1))
                EXPECT_EQ(court.of(venue), trusted);
        });
    }
}

TEST(Jury, TheBoundaryOfTheAllowanceIsWithin) {
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

TEST(Jury, ADisputedVenueIsReadmittedOnlyBelowHalfOfTheAllowance) {
    Agreed court(6);
    court.say(d, "101");
    court.pass(3s);
    court.say(d, "100.3");
    court.pass(1min);
    EXPECT_EQ(court.of(d), disputed);
    court.say(d, "100.2");
    court.pass(9s);
    court.say(d, "100.3");
    court.pass(200ms);
    court.say(d, "100.2");
    court.pass(9s);
    EXPECT_EQ(court.of(d), disputed) << "interrupted";
    court.pass(2s);
    EXPECT_EQ(court.of(d), trusted);
}

TEST(Jury, ADoubtedVenueIsTrustedAgainAtOnce) {
    Agreed court(6);
    court.say(a, "101");
    court.pass(1s);
    EXPECT_EQ(court.of(a), doubted);
    court.say(a, "100.4");
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(Jury, ChangesAreReportedOnceWithTheirReason) {
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

TEST(Jury, BothSpreadsWidenTheAllowance) {
    Agreed court(6);
    court.say(b, rate("99.8"), rate("100"), rate("100.2"));
    court.say(a, rate("100.5"), rate("100.8"), rate("101.1"));
    court.hear();
    EXPECT_EQ(court.of(a), trusted) << "0.8 % of 0.5 % + 0.3 % + 0.2 %";
    court.say(a, rate("100.8"), rate("101.1"), rate("101.4"));
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
}

TEST(Jury, AWideBookWidensNothing) {
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

TEST(Jury, ADriftIsDoubtedAtTheAllowance) {
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

TEST(Jury, AVenueThatFreezesWhileTheOthersMoveIsDoubtedAtOnceAndDisputedLater) {
    Agreed court(6);
    std::int64_t ppm = 0;
    const auto move = [&] {
        ppm += 200;
        for (const auto venue : six) {
            if (venue != c) court.say(venue, moved(ppm));
        }
    };
    court.pass(5200ms, move);
    EXPECT_EQ(court.of(c), doubted);
    court.pass(40s, move);
    EXPECT_EQ(court.of(c), disputed);
}

/// All venues move by 3 % within a minute; the last one's values are a minute old.
TEST(Jury, ASlowVenueIsComparedWithTheRangeSinceItsValue) {
    Agreed court(6);
    const VenueId slow{5};
    const auto at = court.now;
    const auto ppm_at = [&](TimePoint when) {
        return -std::clamp<std::int64_t>((when - at) / 2ms, 0, 30'000);
    };
    court.pass(3min, [&] {
        for (const auto venue : six) court.say(venue, moved(ppm_at(court.now)));
        const auto observed_at = std::chrono::floor<std::chrono::minutes>(court.now - 1min);
        court.say_at(slow, moved(ppm_at(observed_at)), observed_at);
        for (const auto venue : six) EXPECT_EQ(court.of(venue), trusted) << index(venue);
    });
    court.say_at(slow, moved(6'000), court.now - 1min);
    court.hear();
    EXPECT_EQ(court.of(slow), doubted) << "never in the range";
}

TEST(Jury, TheAgeIsThatOfTheVenuesOwnLegs) {
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

/// The start of each venue's move, and how the jury took it.
struct Crash {
    std::vector<Duration> longest_dispute;
    bool was_unserved = false;
};

Crash crash(const std::vector<Duration>& delays) {
    Agreed court(delays.size());
    Crash seen{std::vector<Duration>(delays.size()), false};
    std::vector<Duration> dispute(delays.size());
    const auto at = court.now;
    court.pass(100s, [&] {
        bool is_served = false;
        for (std::size_t i = 0; i < delays.size(); ++i) {
            const auto venue = six[i];
            dispute[i] = court.of(venue) == disputed ? dispute[i] + 200ms : 0ms;
            seen.longest_dispute[i] = std::max(seen.longest_dispute[i], dispute[i]);
            is_served = is_served || court.of(venue) == trusted;
            court.say(venue, moved(-std::clamp<std::int64_t>((court.now - at - delays[i]) / 1ms, 0, 60'000) *
                                   10 / 3));
        }
        seen.was_unserved = seen.was_unserved || !is_served;
    });
    for (std::size_t i = 0; i < delays.size(); ++i) EXPECT_EQ(court.of(six[i]), trusted) << i;
    return seen;
}

TEST(Jury, ACrashAtDifferentDelaysDisputesNobodyForLong) {
    std::vector<Duration> delays{0s, 8s, 4s, 20s, 16s, 12s};
    for (std::size_t round = 0; round < delays.size(); ++round) {
        std::ranges::rotate(delays, delays.begin() + 1);
        const auto seen = crash(delays);
        EXPECT_FALSE(seen.was_unserved);
        EXPECT_LE(*std::ranges::max_element(seen.longest_dispute), 5s);
    }
}

TEST(Jury, ACrashAtRandomDelaysDisputesOnlyTheFirstToMove) {
    static std::uint64_t chance = 1;  // --gtest_repeat tries other delays
    for (int round = 0; round < 5; ++round) {
        std::vector<Duration> delays;
        for (int i = 0; i < 6; ++i) {
            chance = chance * 6364136223846793005U + 1442695040888963407U;
            delays.push_back(Duration(chance >> 33U) % 20'001);
        }
        auto sorted = delays;
        std::ranges::sort(sorted);
        const auto gap = sorted[1] - sorted[0];
        const auto seen = crash(delays);
        EXPECT_FALSE(seen.was_unserved);
        EXPECT_LE(*std::ranges::max_element(seen.longest_dispute), std::max<Duration>(gap - 2s, 0s) + 400ms)
            << "round " << round;
    }
}

TEST(Jury, AVenueIsServedInACrashOfAnyNumberOfVenues) {
    for (const auto& delays : {std::vector<Duration>{0s, 20s},
                               {20s, 0s},
                               {0s, 10s, 20s},
                               {20s, 10s, 0s},
                               {0s, 7s, 14s, 20s},
                               {10s, 0s, 20s, 5s, 15s}}) {
        EXPECT_FALSE(crash(delays).was_unserved);
    }
}

TEST(Jury, WrongFirstValuesAmongSixAreNeverServed) {
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

TEST(Jury, AFirstValueIsServedAsSoonAsAnotherOneAgrees) {
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

TEST(Jury, UnprovenVenuesThatAgreeMustOutnumberTheTrusted) {
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

TEST(Jury, TwoWrongFirstValuesDoNotOutvoteTwoTrustedVenues) {
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

TEST(Jury, AnEmptyWideBookIsNeverProven) {
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

TEST(Jury, AFirstValueAloneIsServedAfterThirtySecondsOfItsOwnConfirmations) {
    Court court(2);
    court.say(a, "100");
    court.pass(30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(Jury, AFirstValueAloneThatIsNotConfirmedIsNotServed) {
    Court court(1);
    court.say_at(a, rate("100"), court.now);
    court.pass(2min);
    EXPECT_EQ(court.of(a), unproven);
}

TEST(Jury, AFirstValueAloneThatChangesWaitsAgain) {
    Court court(1);
    court.say(a, "100");
    court.pass(20s);
    court.say(a, "0.1");
    court.pass(30s);
    EXPECT_EQ(court.of(a), unproven);
    court.pass(400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(Jury, TwoFirstValuesThatContradictEachOtherAreNotServed) {
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

TEST(Jury, AVenueThatReturnsSoonWithItsValueIsStillTrusted) {
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

TEST(Jury, AJumpAfterAPauseIsAFirstValue) {
    for (const auto* wrong : {"1000", "0.1", "101"}) {
        Agreed court(1);
        court.silence(a);
        court.hear();
        court.say(a, wrong);
        court.hear();
        EXPECT_EQ(court.of(a), unproven) << wrong;
    }
}

TEST(Jury, AJumpOfTheMarketIsServedWhenTwoVenuesHaveMade) {
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

TEST(Jury, OfTwoThatDifferThePreferredIsServedIfTheOtherMoved) {
    Agreed court(2);
    court.say(b, "102");
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), doubted);
    court.pass(2s);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), disputed);
}

TEST(Jury, OfTwoThatDifferTheOtherIsServedIfThePreferredMovedAlone) {
    Agreed court(2);
    court.say(a, "102");
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.of(b), trusted);
    court.pass(1min);
    EXPECT_EQ(court.of(a), disputed);
    EXPECT_EQ(court.of(b), trusted);
    court.say(a, "100");
    court.pass(11s);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(Jury, ThePreferenceIsTheOrderOfTheExchangers) {
    auto market = market_of(2);
    std::ranges::reverse(market.exchangers);
    Court court(market);
    court.say_all("100");
    court.pass(2s);
    court.say(a, "102");
    court.hear();
    EXPECT_EQ(court.of(a), doubted);
}

TEST(Jury, TwoVenuesHaveThreeTimesTheAllowance) {
    Agreed court(2);
    court.say(b, "101.5");
    court.pass(5s);
    EXPECT_EQ(court.of(b), trusted);
    court.say(b, "101.500001");
    court.pass(200ms);
    EXPECT_EQ(court.of(b), doubted);
}

TEST(Jury, ASlowOtherDoesNotContradictAMoveThatItHasNotSeen) {
    Agreed court(2);
    court.say_at(b, rate("100"), court.now);
    court.pass(40s);
    court.say(a, "103");
    court.pass(20s);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), trusted) << "true when it was observed";
    court.say_at(b, rate("103"), court.now);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
    court.pass(40s);
    court.say(a, "106");
    court.pass(20s);
    court.say_at(b, rate("103"), court.now);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted) << "the other has not moved";
    EXPECT_EQ(court.of(b), trusted);
}

TEST(Jury, OfThreeWithOneStaleTwoAreCompared) {
    Agreed court(3);
    court.say_at(c, rate("100"), court.now, 5s);
    court.pass(5s);
    court.say(a, "101.4");
    court.pass(5s);
    EXPECT_EQ(court.of(a), trusted) << "three times the allowance";
    court.say(a, "102");
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(Jury, ADisputedVenueThatWasStaleComesBackUnproven) {
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

TEST(Jury, ADisputedVenueThatRemainsAloneIsServedAfterThirtySeconds) {
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

TEST(Jury, AClockSetBackRestartsTheWaits) {
    Agreed court(6);
    court.say(b, "101");
    court.pass(1s);
    court.now -= 1h;
    court.hear();
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), doubted);
    court.pass(2s);
    EXPECT_EQ(court.of(b), disputed);
    court.say(b, "100");
    court.pass(5s);
    court.now -= 1h;
    court.pass(10400ms);
    EXPECT_EQ(court.of(b), trusted);
}

TEST(Jury, AClockSetBackDoesNotKeepAFirstValueWaiting) {
    Court court(1);
    court.say(a, "100");
    court.pass(20s);
    court.now -= 1h;
    court.pass(30400ms);
    EXPECT_EQ(court.of(a), trusted);
}

TEST(Jury, TheNextChangeIsWhatTheQuotesAloneBringAbout) {
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
