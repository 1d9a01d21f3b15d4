#include <gtest/gtest.h>

#include <algorithm>

#include "kurs/pricing/pricer.hpp"
#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

constexpr VenueId shop{0}, one{1}, two{2}, three{3};
constexpr SymbolId btc{0}, first{1}, second{2}, crossed{3}, third{4}, usdc{5};
constexpr ReferenceRateId usdc_usd{0}, usdt_usd_rate{1};

/// BTC-USD at a shop that is paid in USDT. USDT-USD has a book at `one`, a book at `two`, USDC/USDT of
/// `three` with the dollar price of USDC at `two`, and a book at `three`.
MarketMap dollar_market() {
    MarketMap map;
    map.venues = {"shop", "one", "two", "three"};
    map.exchangers = {shop};
    const auto symbol = [](VenueId venue, std::string name, std::string base, std::string quote) {
        return Symbol{venue, std::move(name), std::move(base), std::move(quote), {10s, 20, {}, {}}};
    };
    map.symbols = {symbol(shop, "BTCUSDT", "BTC", "USDT"),     symbol(one, "USDT-USD", "USDT", "USD"),
                   symbol(two, "USDT/USD", "USDT", "USD"),     symbol(three, "USDCUSDT", "USDC", "USDT"),
                   symbol(three, "tether/usd", "USDT", "USD"), symbol(two, "USDC/USD", "USDC", "USD")};
    const auto leg = [](SymbolId id, bool inverted = false) { return Leg{id, inverted, 10s}; };
    map.directions = {direction("BTC-USD")};
    map.reference_rates = {{direction("USDC-USD"), {{{leg(usdc)}, {}}}},
                           {direction("USDT-USD"),
                            {{{leg(first)}, {}},
                             {{leg(second)}, {}},
                             {{leg(crossed, true)}, {{usdc_usd, false}}},
                             {{leg(third)}, {}}}}};
    map.routes = {{shop, DirectionId{0}, {leg(btc)}, {{usdt_usd_rate, false}}}};
    return map;
}

struct ReferenceRateTest : ::testing::Test {
    MarketMap map = dollar_market();
    Pricer pricer{map};
    TimePoint now = noon;
    std::uint64_t sequence = 0;

    Repricing give(SymbolId symbol, std::string_view price) {
        const Tick given = tick(symbol, price, price, now, ++sequence);
        return pricer.apply({&given, 1}, now);
    }

    /// The symbols of the newest quote's legs after a tick of BTCUSDT at 1, and the value.
    std::pair<std::vector<SymbolId>, std::string> quote() {
        const auto repricing = give(btc, "1");
        if (repricing.quotes.empty()) return {};
        std::vector<SymbolId> symbols;
        for (const QuoteLeg& leg : repricing.quotes.front().legs) symbols.push_back(leg.symbol);
        return {symbols, to_string(repricing.quotes.front().value)};
    }

    SymbolId used() { return quote().first.back(); }
};

TEST_F(ReferenceRateTest, IsThatOfTheFirstFreshSource) {
    give(second, "0.998");
    EXPECT_EQ(quote().second, "0.998");
    give(first, "0.9985");
    EXPECT_EQ(quote().second, "0.9985");
}

TEST_F(ReferenceRateTest, ANestedSourceHasTheLegsOfTheEarlierRate) {
    give(usdc, "0.9");
    give(crossed, "0.9");
    const auto [symbols, value] = quote();
    EXPECT_EQ(symbols, (std::vector{btc, crossed, usdc}));
    EXPECT_EQ(value, "1");
}

TEST_F(ReferenceRateTest, ASourceFarFromTheMedianOfThreeIsPassedOver) {
    give(first, "0.98");
    give(second, "1");
    EXPECT_EQ(used(), first) << "two do not decide";
    const auto changes = give(third, "1.0001").reference_changes;
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes.front().source, 1U);
    EXPECT_TRUE(changes.front().is_doubted);
    EXPECT_EQ(used(), second);
}

TEST_F(ReferenceRateTest, IsTrustedAgainBelowHalfOfTheAllowance) {
    give(first, "0.9989");
    give(second, "1");
    give(third, "1");
    EXPECT_EQ(used(), second) << "0.11 % away";
    give(first, "0.9992");
    EXPECT_EQ(used(), second) << "0.08 % away";
    give(first, "0.9996");
    EXPECT_EQ(used(), first) << "0.04 % away";
    give(first, "0.9991");
    EXPECT_EQ(used(), first) << "0.09 % away";
}

TEST_F(ReferenceRateTest, ADoubtOutlivesTheThirdWitness) {
    give(first, "0.98");
    give(second, "1");
    give(third, "1");
    now += 9s;
    give(first, "0.98");
    give(second, "1");
    now += 2s;
    EXPECT_EQ(used(), second) << "the third is stale";
    now += 8s;
    give(first, "0.98");
    EXPECT_EQ(used(), first) << "there is no other";
}

TEST_F(ReferenceRateTest, TheSameBookIsNotTwoWitnesses) {
    give(first, "1");
    give(usdc, "0.98");
    give(second, "0.98");
    give(crossed, "1");
    EXPECT_EQ(used(), first) << "the second and the crossed one both rest on the venue two";
    give(third, "1");
    EXPECT_EQ(used(), first);
}

TEST_F(ReferenceRateTest, ADepegThatAllSourcesShowIsServed) {
    for (const SymbolId symbol : {first, second, third}) give(symbol, "0.95");
    EXPECT_EQ(quote().second, "0.95");
    EXPECT_EQ(used(), first);
}

TEST_F(ReferenceRateTest, AsksForAWitnessWhereTwoDiffer) {
    give(first, "1");
    give(second, "1.0005");
    EXPECT_FALSE(pricer.needs_witness(three));
    give(second, "1.002");
    EXPECT_TRUE(pricer.needs_witness(three));
    EXPECT_FALSE(pricer.needs_witness(shop)) << "it has no source";
    give(third, "1");
    EXPECT_FALSE(pricer.needs_witness(three)) << "three decide";
}

TEST_F(ReferenceRateTest, ItsSourceIsReplacedBeforeItIsStaleAndUsedUntilThenIfThereIsNoOther) {
    give(first, "1");
    now += 9s;
    EXPECT_EQ(used(), first);
    give(second, "1.0001");
    EXPECT_EQ(used(), second);
}

TEST_F(ReferenceRateTest, TwoLegsFarApartInTimeAreNoSource) {
    for (Leg* leg : {&map.reference_rates[0].sources[0].legs[0], &map.reference_rates[1].sources[2].legs[0]})
        leg->max_age = 60s;
    give(usdc, "1");
    now += 21s;
    give(crossed, "1");
    EXPECT_TRUE(quote().first.empty());
    give(usdc, "1");
    EXPECT_EQ(used(), usdc);
}

TEST_F(ReferenceRateTest, ATickOfAnUnusedSourceMakesNoQuote) {
    give(btc, "1");
    EXPECT_EQ(give(first, "1").quotes.size(), 1U);
    EXPECT_TRUE(give(second, "1").quotes.empty());
}

TEST_F(ReferenceRateTest, AStaleQuoteIsNotRepeatedForItsFreshLegs) {
    give(btc, "1");
    EXPECT_EQ(give(first, "1").quotes.size(), 1U);
    now += 10s;
    EXPECT_TRUE(give(first, "1.0001").quotes.empty());
    EXPECT_EQ(give(btc, "1").quotes.size(), 1U);
}

TEST_F(ReferenceRateTest, ChangesByTimeWithTheNextTickOfAnySymbol) {
    give(first, "1");
    give(second, "1.0001");
    now += 7s;
    give(second, "1.0001");
    EXPECT_EQ(used(), first);
    now += 1s;
    EXPECT_EQ(used(), second) << "the first is about to become stale";
    now += 9s;
    EXPECT_TRUE(quote().first.empty()) << "none is fresh";
}

TEST_F(ReferenceRateTest, ADoubtDoesNotLiftTheJumpLimitOfASource) {
    give(btc, "1");
    give(first, "1");
    pricer.doubt(first);
    EXPECT_EQ(give(first, "10").refused.size(), 1U);
    pricer.doubt(btc);
    EXPECT_TRUE(give(btc, "10").refused.empty());
}

TEST_F(ReferenceRateTest, WithoutASourceTheQuoteIsLost) {
    give(btc, "1");
    give(first, "1");
    EXPECT_EQ(pricer.withdraw(first, now).lost.size(), 1U);
}

TEST_F(ReferenceRateTest, ReportsEachSourceWithItsState) {
    const auto states = [this] {
        std::vector<SourceState> found;
        const auto reports = pricer.report(now);
        for (const auto& source : reports[index(usdt_usd_rate)].sources) found.push_back(source.state);
        return found;
    };
    using enum SourceState;
    EXPECT_EQ(states(), (std::vector{incomplete, incomplete, incomplete, incomplete}));
    give(third, "0.998");
    now += 11s;
    give(first, "0.98");
    give(second, "0.998");
    give(crossed, "1");
    EXPECT_EQ(states(), (std::vector{used, fresh, incomplete, stale}));
    give(third, "0.998");
    give(usdc, "0.9981");
    EXPECT_EQ(states(), (std::vector{doubted, used, fresh, fresh}));
    const auto source = pricer.report(now)[index(usdt_usd_rate)].sources[2];
    EXPECT_EQ(to_string(source.value.value()), "0.9981");
    ASSERT_EQ(source.legs.size(), 2U);
    EXPECT_EQ(source.legs[1].symbol, usdc);
}

}  // namespace
}  // namespace kurs
