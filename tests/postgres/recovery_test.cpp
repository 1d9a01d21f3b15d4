#include <algorithm>

#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

/// The state that a later run of the service recovers. Times count from the system clock, like the
/// database's.
struct RecoveryTest : ArchiveTest {
    TimePoint now = clock_now();

    static history::QuoteRecord btc_at_coingecko(TimePoint at) {
        auto record = quote_at(at, coingecko, btc_usd, "3");
        record.quote->legs = {{bitcoin_usd, false, rate("3"), rate("3"), at}};
        return record;
    }

    history::Recovered reopen() {
        return make_archive(database.url(), map, 24h * 30)->open(long_enough).value();
    }

    std::string last_change() {
        const auto changes = reopen().changes;
        return changes.empty() ? "none" : changes.back().venue.value_or("") + ": " + changes.back().reason;
    }
};

TEST_F(RecoveryTest, FindsNothingInAnEmptyDatabase) {
    const auto recovered = reopen();
    EXPECT_TRUE(recovered.ticks.empty());
    EXPECT_TRUE(recovered.changes.empty());
}

TEST_F(RecoveryTest, FindsTheNewestOfEachSeries) {
    save({btc_at(now - 3s, "1"), btc_at(now - 2s, "2"), btc_at_coingecko(now - 9h)});
    const auto ticks = reopen().ticks;
    ASSERT_EQ(ticks.size(), 3U);
    const auto tick = std::ranges::find(ticks, usdcusdt, &Tick::symbol);
    ASSERT_NE(tick, ticks.end());
    EXPECT_EQ(tick->bid, rate("0.9998"));
    EXPECT_EQ(tick->ask, rate("0.9999"));
    EXPECT_EQ(tick->observed_at, now - 2s - 300ms);
    EXPECT_TRUE(std::ranges::count(ticks, bitcoin_usd, &Tick::symbol));
}

TEST_F(RecoveryTest, SkipsSymbolsThatTheMarketMapLacks) {
    save({btc_at(now - 2s, "2")});
    map.symbols[index(btcusdt)].name = "BTCFDUSD";
    const auto ticks = reopen().ticks;
    ASSERT_EQ(ticks.size(), 1U);
    EXPECT_EQ(ticks[0].symbol, usdcusdt);
}

TEST_F(RecoveryTest, SkipsSeriesThatWereLostOrAreOlderThanADay) {
    save({btc_at(now - 3s, "1"), loss_at(now - 2s), btc_at_coingecko(now - 25h)});
    EXPECT_TRUE(reopen().ticks.empty());
}

TEST_F(RecoveryTest, FindsTheNewestHundredChangesOldestFirst) {
    std::vector<ActiveChange> changes;
    for (int i = 0; i < 150; ++i)
        changes.push_back({now - 200s + 1s * i, i % 2 ? std::optional("binance") : std::nullopt, "again"});
    archive->save({{btc_at(now, "1")}, changes}, long_enough).value();
    const auto found = reopen().changes;
    ASSERT_EQ(found.size(), 100U);
    EXPECT_EQ(found.front().at, now - 150s);
    EXPECT_EQ(found.back().at, now - 51s);
}

TEST_F(RecoveryTest, EndsTheLastPeriodAfterACrash) {
    save({btc_at(now - 60s, "1"), btc_at(now - 30s, "2")});
    save({now - 60s, "binance", "first"});
    EXPECT_EQ(last_change(), ": ended without an orderly stop");
    EXPECT_EQ(reopen().changes.back().at, now - 30s);
    EXPECT_EQ(reopen().changes.size(), 2U) << "once";
}

TEST_F(RecoveryTest, EndsTheLastPeriodAfterItsBeginning) {
    save({btc_at(now - 60s, "1")});
    save({now - 30s, "binance", "first"});
    EXPECT_EQ(last_change(), ": ended without an orderly stop");
    EXPECT_GT(reopen().changes.back().at, now - 30s);
}

TEST_F(RecoveryTest, LeavesThePeriodOfAReplicaThatIsWriting) {
    save({btc_at(now - 2s, "1")});
    save({now - 60s, "binance", "first"});
    EXPECT_EQ(last_change(), "binance: first");
}

TEST_F(RecoveryTest, LeavesAnOrderlyStop) {
    save({btc_at(now - 60s, "1")});
    save({now - 60s, "binance", "first"});
    save({now - 50s, std::nullopt, "stopped"});
    EXPECT_EQ(last_change(), ": stopped");
}

TEST_F(RecoveryTest, LeavesItsOwnPeriodWhenTheDatabaseReturns) {
    save({btc_at(now - 60s, "1")});
    save({now - 60s, "binance", "first"});
    EXPECT_EQ(archive->open(long_enough).value().changes.back().venue, "binance");
}

}  // namespace
}  // namespace kurs::postgres
