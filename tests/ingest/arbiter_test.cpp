#include "kurs/ingest/arbiter.hpp"

#include <gtest/gtest.h>

namespace kurs {
namespace {

using namespace std::chrono_literals;

constexpr Arbiter::Source first{1};
constexpr Arbiter::Source second{2};
constexpr Arbiter::Source bridge{3, true};

Rate rate(std::string_view text) {
    return Rate::parse(text).value();
}

Tick tick(std::uint64_t sequence, Duration observed_at, std::string_view price = "100") {
    return {SymbolId{0}, rate(price), rate(price), TimePoint{observed_at}, sequence};
}

MarketMap map_of_two_symbols() {
    MarketMap map;
    map.symbols.resize(2);
    for (auto& symbol : map.symbols) symbol.limits.max_age = 10s;
    return map;
}

class ArbiterTest : public ::testing::Test {
protected:
    bool is_news(Arbiter::Source source, const Tick& tick, Duration now = 10s) {
        return !arbiter.news(source, {tick}, TimePoint{now}).empty();
    }

    MarketMap map = map_of_two_symbols();
    Arbiter arbiter{map};
};

TEST_F(ArbiterTest, TheFirstArrivalIsNews) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_FALSE(is_news(second, tick(7, 10s)));
}

TEST_F(ArbiterTest, TheConnectionThatIsAheadMayChange) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_TRUE(is_news(second, tick(8, 10s)));
    EXPECT_FALSE(is_news(first, tick(8, 10s)));
    EXPECT_TRUE(is_news(first, tick(9, 10s)));
}

TEST_F(ArbiterTest, ALateConnectionDeliversNothing) {
    EXPECT_TRUE(is_news(first, tick(9, 10s)));
    EXPECT_FALSE(is_news(second, tick(7, 7s)));
    EXPECT_FALSE(is_news(second, tick(8, 11s)));  // an old book with the time of a new event
}

TEST_F(ArbiterTest, ALaterConfirmationIsNews) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_TRUE(is_news(second, tick(7, 11s)));
    EXPECT_FALSE(is_news(first, tick(7, 11s)));
}

TEST_F(ArbiterTest, AValueOfAConnectionThatWasSilentWaitsUntilItIsDatedBetter) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_FALSE(is_news(second, tick(8, 4s, "101")));
    EXPECT_FALSE(is_news(second, tick(9, 4s, "102")));
    EXPECT_TRUE(is_news(first, tick(8, 10s, "101")));
    EXPECT_TRUE(is_news(second, tick(9, 11s, "102")));
}

TEST_F(ArbiterTest, AValueThatAConfirmationOvertookIsNotMadeFresh) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_TRUE(is_news(first, tick(7, 40s), 40s));
    EXPECT_FALSE(is_news(second, tick(8, 11s, "101"), 40s));
}

TEST_F(ArbiterTest, TimeDecidesWithoutASequence) {
    EXPECT_TRUE(is_news(first, tick(0, 10s)));
    EXPECT_FALSE(is_news(second, tick(0, 9s, "99")));
    EXPECT_TRUE(is_news(second, tick(0, 11s, "101")));
}

TEST_F(ArbiterTest, AContradictionIsLeftToThePriceRules) {
    EXPECT_TRUE(is_news(first, tick(7, 10s, "1")));
    EXPECT_TRUE(is_news(second, tick(7, 9s)));
    EXPECT_TRUE(is_news(second, tick(0, 10s, "2")));
}

TEST_F(ArbiterTest, AConnectionIsNotComparedWithItself) {
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
    EXPECT_TRUE(is_news(first, tick(6, 10s)));
    EXPECT_TRUE(is_news(first, tick(7, 10s)));
}

TEST_F(ArbiterTest, ARestartedNumberingPassesAfterAMinute) {
    EXPECT_TRUE(is_news(first, tick(1'000, 10s)));
    EXPECT_FALSE(is_news(second, tick(1, 11s), 1min + 9s));
    EXPECT_TRUE(is_news(second, tick(1, 11s), 1min + 10s));
    EXPECT_TRUE(is_news(first, tick(2, 11s), 1min + 10s));
}

TEST_F(ArbiterTest, ABridgeCountsOnceTheStreamHasBeenSilent) {
    EXPECT_TRUE(is_news(first, tick(7, 10s), 10s));
    EXPECT_FALSE(is_news(bridge, tick(0, 12s, "99"), 14s));  // dated by a clock that is ahead
    EXPECT_TRUE(is_news(bridge, tick(0, 15s, "99"), 15s));
    EXPECT_TRUE(is_news(bridge, tick(0, 16s, "98"), 16s));
    EXPECT_TRUE(is_news(second, tick(8, 17s), 17s));
}

TEST_F(ArbiterTest, ABridgeCountsThoughANewConnectionHasRepeatedAnOldValue) {
    EXPECT_TRUE(is_news(first, tick(7, 10s), 10s));
    EXPECT_TRUE(is_news(second, tick(8, 10s), 14s));
    EXPECT_FALSE(is_news(bridge, tick(0, 14s), 14s + 999ms));
    EXPECT_TRUE(is_news(bridge, tick(0, 15s), 15s));
}

TEST_F(ArbiterTest, SymbolsAreIndependent) {
    EXPECT_TRUE(is_news(first, tick(9, 10s)));
    auto other = tick(3, 10s);
    other.symbol = SymbolId{1};
    EXPECT_TRUE(is_news(second, other));
}

}  // namespace
}  // namespace kurs
