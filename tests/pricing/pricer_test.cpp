#include "kurs/pricing/pricer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct PricerTest : ::testing::Test {
    MarketMap map = small_market();
    Pricer pricer{map};

    Repricing apply(const Tick& tick, TimePoint now) { return pricer.apply({&tick, 1}, now); }

    /// The quote of a direction at Binance that results from the tick, if any.
    std::optional<Quote> quote_after(const Tick& tick, DirectionId direction, TimePoint now) {
        for (auto& quote : apply(tick, now).quotes) {
            if (quote.venue == binance && quote.direction == direction) return quote;
        }
        return std::nullopt;
    }
};

TEST_F(PricerTest, MakesACrossRateOnceAllLegsAreThere) {
    EXPECT_FALSE(quote_after(tick(btcusdt, "60000", "60000", noon, 1), btc_usd, noon));
    const auto quote = quote_after(tick(usdcusdt, "0.96", "0.96", noon, 1), btc_usd, noon);
    ASSERT_TRUE(quote);
    EXPECT_EQ(to_string(quote->value), "62500");
}

TEST_F(PricerTest, DividesByTheOppositeSideOfAnInvertedLeg) {
    apply(tick(btcusdt, "60000", "60006", noon, 1), noon);
    const auto quote = quote_after(tick(usdcusdt, "1", "1.0002", noon, 1), btc_usd, noon);
    ASSERT_TRUE(quote);
    EXPECT_EQ(to_rounded_string(quote->bid), "59988.00239952");
    EXPECT_EQ(to_rounded_string(quote->value), "59997.00119976");
    EXPECT_EQ(to_rounded_string(quote->ask), "60006");
    EXPECT_LE(quote->bid, quote->value);
    EXPECT_LE(quote->value, quote->ask);
}

TEST_F(PricerTest, ARestoredTickDoesNotReplaceAReceivedOne) {
    apply(tick(btcusdt, "60000", "60000", noon, 1), noon);
    const std::array restored{tick(btcusdt, "50000", "50000", noon + 1s, 2),
                              tick(usdcusdt, "1", "1", noon, 1)};
    pricer.restore(restored, noon + 1s);
    const auto quote = quote_after(tick(usdcusdt, "1", "1", noon + 1s, 2), btc_usd, noon + 1s);
    ASSERT_TRUE(quote);
    EXPECT_EQ(to_string(quote->value), "60000");
}

TEST_F(PricerTest, ACrossRateIsAsOldAsItsOldestLeg) {
    apply(tick(btcusdt, "60000", "60000", noon - 3s, 1), noon);
    const auto quote = quote_after(tick(usdcusdt, "1", "1", noon, 1), btc_usd, noon);
    ASSERT_TRUE(quote);
    EXPECT_EQ(quote->observed_at, noon - 3s);
    EXPECT_EQ(quote->fresh_until, noon + 2s);
}

TEST_F(PricerTest, TakesTheFirstReferenceSourceThatIsFresh) {
    apply(last_price(cbr_usd, "76.4096", noon - 12h), noon);
    apply(last_price(tether_rub, "72", noon), noon);
    apply(last_price(tether_usd, "1", noon), noon);
    apply(tick(usdcusdt, "1", "1", noon, 1), noon);
    const auto quote = quote_after(tick(btcusdt, "60000", "60000", noon, 1), btc_rub, noon);
    ASSERT_TRUE(quote);
    EXPECT_EQ(to_string(quote->value), "4320000");
    EXPECT_EQ(quote->legs.size(), 4U);
}

TEST_F(PricerTest, FallsBackToTheOfficialRateAndReportsIt) {
    apply(last_price(tether_rub, "72", noon), noon);
    apply(last_price(tether_usd, "1", noon), noon);
    const auto later = noon + 16min;
    apply(last_price(cbr_usd, "76", noon - 12h), later);
    apply(tick(usdcusdt, "1", "1", later, 1), later);
    const auto repricing = apply(tick(btcusdt, "60000", "60000", later, 1), later);
    EXPECT_EQ(to_string(repricing.quotes.front().value), "4560000");
    EXPECT_EQ(repricing.quotes.front().observed_at, noon - 12h);
    EXPECT_EQ(repricing.quotes.front().fresh_until, later + 5s);
}

TEST_F(PricerTest, ReportsAChangeOfReferenceSourceOnce) {
    const auto first = apply(last_price(cbr_usd, "76", noon), noon).reference_changes;
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first.front().source, 1U);
    EXPECT_TRUE(apply(tick(btcusdt, "60000", "60000", noon, 1), noon).reference_changes.empty());
    apply(last_price(tether_rub, "72", noon), noon);
    const auto second = apply(last_price(tether_usd, "1", noon), noon).reference_changes;
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second.front().source, 0U);
}

TEST_F(PricerTest, AChangeWithinOneGroupOfTicksIsNoEvent) {
    const auto poll = [&](TimePoint at) {
        const Tick ticks[] = {last_price(tether_rub, "72", at), last_price(tether_usd, "1", at),
                              last_price(bitcoin_rub, "4320000", at)};
        return pricer.apply(ticks, at);
    };
    EXPECT_EQ(poll(noon).reference_changes.size(), 1U);
    apply(tick(usdcusdt, "1", "1", noon + 240s, 1), noon + 240s);
    apply(tick(btcusdt, "60000", "60000", noon + 240s, 1), noon + 240s);
    const auto next = poll(noon + 241s);
    EXPECT_TRUE(next.reference_changes.empty()) << "a new rouble with an old dollar is no source";
    EXPECT_TRUE(next.lost.empty());
    EXPECT_EQ(std::ranges::count(next.quotes, btc_rub, &Quote::direction), 2) << "each venue's once";
}

TEST_F(PricerTest, ARefusedTickDoesNotAffectOthersOfItsResponse) {
    const Tick ticks[] = {tick(usdcusdt, "0.5", "0.5", noon, 1), last_price(bitcoin_usd, "60000", noon),
                          last_price(tether_usd, "1", noon)};
    const auto repricing = pricer.apply(ticks, noon);
    EXPECT_EQ(repricing.refused.size(), 1U);
    EXPECT_EQ(repricing.quotes.size(), 2U);
}

TEST_F(PricerTest, AReferenceRateMayBeOlderThanTheVenuesLimit) {
    apply(last_price(tether_rub, "72", noon), noon);
    const auto own = apply(last_price(tether_usd, "1", noon), noon).quotes;
    ASSERT_EQ(own.size(), 1U);
    EXPECT_EQ(own.front().fresh_until, noon + 180s);
    const auto later = noon + 10min;
    apply(tick(usdcusdt, "1", "1", later, 1), later);
    const auto crossed = quote_after(tick(btcusdt, "60000", "60000", later, 1), btc_rub, later);
    ASSERT_TRUE(crossed);
    EXPECT_EQ(crossed->fresh_until, later + 5s);
}

/// The source publishes at noon, and must confirm within an hour.
TEST_F(PricerTest, ASlowSourceMustConfirmItsValueAfterAPublication) {
    const auto next_noon = [](TimePoint after) { return after < noon ? noon : noon + 24h; };
    map.symbols[index(cbr_usd)].publications =
        std::make_shared<const PublicationPlan>(PublicationPlan{next_noon, {}, 1h});
    apply(last_price(btcusdt, "60000", noon), noon);
    apply(last_price(usdcusdt, "1", noon), noon);
    auto official = last_price(cbr_usd, "80", noon - 12h);
    EXPECT_TRUE(quote_after(official, btc_rub, noon));
    EXPECT_FALSE(quote_after(last_price(btcusdt, "60000", noon + 1h), btc_rub, noon + 1h)) << "not confirmed";
    official.confirmation = Confirmation{{}, noon + 1h};
    const auto confirmed = quote_after(official, btc_rub, noon + 1h);
    ASSERT_TRUE(confirmed);
    EXPECT_EQ(confirmed->legs.back().confirmation, official.confirmation);
}

TEST_F(PricerTest, AnAbsurdTickChangesNothing) {
    apply(tick(usdcusdt, "1", "1", noon, 1), noon);
    apply(tick(btcusdt, "60000", "60000", noon, 1), noon);
    const auto refused = apply(tick(btcusdt, "600000", "600000", noon, 2), noon).refused;
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused.front().reason, errc::jump);
    const auto quote = quote_after(tick(usdcusdt, "1", "1", noon + 1s, 2), btc_usd, noon + 1s);
    EXPECT_EQ(to_string(quote->value), "60000");
}

TEST_F(PricerTest, AWithdrawnSymbolWithdrawsItsRoutes) {
    apply(tick(usdcusdt, "1", "1", noon, 1), noon);
    apply(tick(btcusdt, "60000", "60000", noon, 1), noon);
    EXPECT_EQ(pricer.withdraw(btcusdt, noon).lost.size(), 2U);
    EXPECT_FALSE(quote_after(tick(usdcusdt, "1", "1", noon, 2), btc_usd, noon));
    EXPECT_TRUE(quote_after(tick(usdcusdt, "1", "1", noon, 3), usdt_usd, noon));
}

TEST_F(PricerTest, AStablecoinThatLosesItsPegWithdrawsItsQuotes) {
    apply(last_price(tether_rub, "72", noon), noon);
    apply(last_price(tether_usd, "1", noon), noon);
    const auto fallen = apply(last_price(tether_usd, "0.88", noon + 10s), noon + 10s);
    EXPECT_TRUE(fallen.refused.empty()) << "no bounds here: the fall is within the jump limit";
    map.symbols[index(tether_usd)].limits.min = rate("0.9");
    const auto refused = apply(last_price(tether_usd, "0.87", noon + 20s), noon + 20s);
    ASSERT_EQ(refused.refused.size(), 1U);
    EXPECT_EQ(refused.refused.front().reason, errc::out_of_bounds);
    EXPECT_EQ(refused.lost.size(), 2U) << "its own direction, and roubles at binance";
}

TEST_F(PricerTest, AReferenceRateNeedsPricesOfTheSameTime) {
    apply(tick(usdcusdt, "1", "1", noon, 1), noon);
    apply(tick(btcusdt, "60000", "60000", noon, 1), noon);
    apply(last_price(tether_usd, "1", noon - 21s), noon);
    apply(last_price(tether_rub, "72", noon), noon);
    EXPECT_FALSE(quote_after(tick(btcusdt, "60000", "60000", noon, 2), btc_rub, noon));
    apply(last_price(tether_usd, "1", noon - 20s), noon);
    EXPECT_TRUE(quote_after(tick(btcusdt, "60000", "60000", noon, 3), btc_rub, noon));
}

}  // namespace
}  // namespace kurs
