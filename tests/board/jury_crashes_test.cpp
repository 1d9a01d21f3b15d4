#include <gtest/gtest.h>

#include <algorithm>

#include "board/court.hpp"

namespace kurs {
namespace {

using namespace testing;

TEST(JuryCrashes, AVenueThatFreezesWhileTheOthersMoveIsDoubtedAtOnceAndDisputedLater) {
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
TEST(JuryCrashes, ASlowVenueIsComparedWithTheRangeSinceItsValue) {
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

TEST(JuryCrashes, ASlowOtherDoesNotContradictAMoveThatItHasNotSeen) {
    Agreed court(2);
    court.say_at(b, rate("100"), court.now);
    court.pass(40s);
    court.hear(a, "103", 20s);
    EXPECT_EQ(court.of(a), trusted);
    EXPECT_EQ(court.of(b), trusted) << "true when it was observed";
    court.say_at(b, rate("103"), court.now);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), trusted);
    court.pass(40s);
    court.hear(a, "106", 20s);
    court.say_at(b, rate("103"), court.now);
    court.pass(200ms);
    EXPECT_EQ(court.of(a), doubted) << "the other has not moved";
    EXPECT_EQ(court.of(b), trusted);
}

/// The start of each venue's move, and how the jury took it.
struct Crash {
    std::vector<Duration> longest_dispute;
    bool was_unserved = false;
};

Crash crash(const std::vector<Duration>& delays, const std::vector<std::vector<SymbolId>>& symbols = {}) {
    Agreed court(delays.size());
    court.symbols = symbols;
    court.map.symbols = built_in::market().symbols;
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

TEST(JuryCrashes, ACrashAtDifferentDelaysDisputesNobodyForLong) {
    std::vector<Duration> delays{0s, 8s, 4s, 20s, 16s, 12s};
    for (std::size_t round = 0; round < delays.size(); ++round) {
        std::ranges::rotate(delays, delays.begin() + 1);
        const auto seen = crash(delays);
        EXPECT_FALSE(seen.was_unserved);
        EXPECT_LE(*std::ranges::max_element(seen.longest_dispute), 5s);
    }
}

TEST(JuryCrashes, ACrashAtRandomDelaysDisputesOnlyTheFirstToMove) {
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

/// The venues with USDT move first, or last.
TEST(JuryCrashes, ACrashOfVenuesWithCommonLegsDisputesNobodyForLong) {
    for (const bool is_in_rub : {false, true}) {
        for (const auto& delays : {std::vector<Duration>{0s, 6s, 4s, 0s, 0s, 5s}, {6s, 0s, 1s, 6s, 6s, 2s}}) {
            const auto seen = crash(delays, built_in::symbols(is_in_rub));
            EXPECT_FALSE(seen.was_unserved);
            EXPECT_LE(*std::ranges::max_element(seen.longest_dispute), 5s);
        }
    }
}

TEST(JuryCrashes, AVenueIsServedInACrashOfAnyNumberOfVenues) {
    for (const auto& delays : {std::vector<Duration>{0s, 20s},
                               {20s, 0s},
                               {0s, 10s, 20s},
                               {20s, 10s, 0s},
                               {0s, 7s, 14s, 20s},
                               {10s, 0s, 20s, 5s, 15s}}) {
        EXPECT_FALSE(crash(delays).was_unserved);
    }
}

}  // namespace
}  // namespace kurs
