#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

/// The state that a later run of the service recovers. Times count from the system clock, like the
/// database's.
struct RecoveryTest : ArchiveTest {
    TimePoint now = clock_now();

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
    EXPECT_TRUE(recovered.quotes.empty());
    EXPECT_TRUE(recovered.changes.empty());
}

TEST_F(RecoveryTest, FindsTheNewestOfEachSeries) {
    save({btc_at(now - 3s, "1"), btc_at(now - 2s, "2"), quote_at(now - 9h, coingecko, btc_usd, "3")});
    const auto quotes = reopen().quotes;
    ASSERT_EQ(quotes.size(), 2U);
    EXPECT_EQ(quotes[0].value, rate("2"));
    EXPECT_EQ(quotes[0].legs.at(1).symbol, "USDCUSDT");
    EXPECT_EQ(quotes[1].venue, "coingecko");
}

TEST_F(RecoveryTest, SkipsSeriesThatWereLostOrAreOlderThanADay) {
    save({btc_at(now - 3s, "1"), loss_at(now - 2s), quote_at(now - 25h, coingecko, btc_usd, "3")});
    EXPECT_TRUE(reopen().quotes.empty());
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
