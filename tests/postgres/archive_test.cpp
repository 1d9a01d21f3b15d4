#include <barrier>
#include <thread>

#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

struct SaveTest : ArchiveTest {
    std::string stored(const std::string& columns) {
        const auto rows = database.query("set timezone = 'UTC'; set datestyle = 'ISO'; select " + columns +
                                         " from quotes order by series_id, second");
        std::string text;
        for (const auto& row : rows) {
            for (const auto& cell : row) text += (text.empty() ? "" : " ") + cell;
        }
        return text;
    }
};

TEST_F(SaveTest, WritesEveryDigitAndMillisecond) {
    auto record = btc_at(noon + 123ms, "61240.123456789012345678");
    record.quote->bid = rate("0.000000000000000001");
    record.quote->ask = rate("340282366920938463463");
    save({record});
    EXPECT_EQ(stored("second"), "2026-11-21 12:00:00+00");
    EXPECT_EQ(stored("recorded_at, observed_at, fresh_until"),
              "2026-11-21 12:00:00.123+00 2026-11-21 11:59:59.823+00 2026-11-21 12:00:04.823+00");
    EXPECT_EQ(stored("bid, value, ask"),
              "0.000000000000000001 61240.123456789012345678 340282366920938463463");
    EXPECT_EQ(stored("leg_prices"), "{61234.50000001,61234.6,0.9998,0.9999}");
}

TEST_F(SaveTest, CountsARepeatedRowOnce) {
    const std::vector records{btc_at(noon, "1"), btc_at(noon + 1s, "2"), loss_at(noon + 2s)};
    EXPECT_EQ(save(records), 3U);
    EXPECT_EQ(save(records), 0U);
    EXPECT_EQ(save({btc_at(noon, "9"), btc_at(noon + 3s, "3")}), 1U);
    EXPECT_EQ(stored("coalesce(value, 0)"), "1 2 0 3");
}

TEST_F(SaveTest, KeepsTheLastRowOfASecondInAnyOrder) {
    EXPECT_EQ(save({btc_at(noon + 500ms, "5"), btc_at(noon + 900ms, "9"), btc_at(noon + 700ms, "7")}), 1U);
    EXPECT_EQ(save({btc_at(noon + 800ms, "8")}), 0U);
    EXPECT_EQ(stored("value"), "9");
    EXPECT_EQ(save({btc_at(noon + 999ms, "6")}), 1U);
    EXPECT_EQ(stored("value, recorded_at at time zone 'UTC'"), "6 2026-11-21 12:00:00.999");
    EXPECT_EQ(to_texts(candles(CandleInterval::minute, noon, noon + 1h)),
              std::vector<std::string>{"12:00:00 6 6 6 6 (1)"});
}

TEST_F(SaveTest, ComputesTheSameCandlesInAnyOrder) {
    save({btc_at(noon + 2s, "5")});
    save({btc_at(noon + 1s, "9"), btc_at(noon + 61s, "7")});
    save({btc_at(noon, "6")});
    const std::vector<std::string> expected{"12:00:00 6 9 5 5 (3)", "12:01:00 7 7 7 7 (1)"};
    EXPECT_EQ(to_texts(candles(CandleInterval::minute, noon, noon + 1h)), expected);
    EXPECT_EQ(to_texts(candles(CandleInterval::hour, noon, noon + 1h)),
              std::vector<std::string>{"12:00:00 6 9 5 7 (4)"});
}

TEST_F(SaveTest, ComputesNoCandleForALoss) {
    save({loss_at(noon), btc_at(noon + 60s, "7"), loss_at(noon + 61s)});
    EXPECT_EQ(to_texts(candles(CandleInterval::minute, noon, noon + 1h)),
              std::vector<std::string>{"12:01:00 7 7 7 7 (1)"});
}

TEST_F(SaveTest, CreatesMissingPartitions) {
    const auto midnight = std::chrono::ceil<std::chrono::days>(noon);
    save({btc_at(midnight - 1ms, "1"), btc_at(midnight, "2"), btc_at(midnight + 48h, "3")});
    EXPECT_EQ(
        database.value("select string_agg(tableoid::regclass::text, ' ' order by second) from quote_packs"),
        "quote_packs_2026_11_21 quote_packs_2026_11_22 quote_packs_2026_11_24");
}

TEST_F(SaveTest, WritesABatchAtomically) {
    auto crossed = btc_at(noon + 1s, "2");
    crossed.quote->bid = rate("3");
    const ActiveChange change{noon, "binance", "first"};
    const auto failed = archive->save({{btc_at(noon, "1"), crossed}, {change}}, long_enough);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, HistoryFailure::rejected);
    EXPECT_EQ(database.value("select count(*) from quotes"), "0");
    EXPECT_EQ(database.value("select count(*) from series"), "0");
    EXPECT_EQ(database.value("select count(*) from active_changes"), "0");
}

TEST_F(SaveTest, CachesNoNamesOfAFailedBatch) {
    auto crossed = btc_at(noon, "2");
    crossed.quote->bid = rate("3");
    ASSERT_FALSE(archive->save({{crossed}, {}}, long_enough));
    EXPECT_EQ(save({btc_at(noon, "1")}), 1U);
    EXPECT_EQ(database.value("select venue || ' ' || direction from named_quotes"), "binance BTC-USD");
}

TEST_F(SaveTest, WritesANameOnceForAllRows) {
    save({btc_at(noon, "1"), btc_at(noon + 1s, "1"), quote_at(noon, coingecko, btc_usd, "1")});
    EXPECT_EQ(make_archive(database.url(), map, 24h * 36'500)
                  ->save({{btc_at(noon + 2s, "1")}, {}}, long_enough)
                  .value(),
              1U);
    EXPECT_EQ(database.value("select count(*) from series"), "2");
    EXPECT_EQ(database.value("select count(*) from routes"), "2");
}

TEST_F(SaveTest, WritesAChangeOnce) {
    const ActiveChange change{noon, "binance", "it's \"first\""};
    save(change);
    save(change);
    EXPECT_EQ(database.value("select string_agg(venue || ': ' || reason, ',') from active_changes"),
              "binance: it's \"first\"");
}

TEST_F(SaveTest, KeepsCandlesCorrectWithSeveralWriters) {
    constexpr int minutes = 50;
    std::barrier together(2);
    const auto write = [&](TimePoint first) {
        const auto writer = make_archive(database.url(), map, 24h * 36'500);
        for (int i = 0; i < minutes; ++i) {
            together.arrive_and_wait();
            writer->save({{btc_at(first + i * 1min, "7")}, {}}, long_enough).value();
        }
    };
    std::thread other(write, noon + 1s);
    write(noon);
    other.join();
    EXPECT_EQ(database.value("select count(*) from minute_candles where count = 2"), std::to_string(minutes));
    EXPECT_EQ(to_texts(candles(CandleInterval::hour, noon, noon + 1h)),
              std::vector<std::string>{"12:00:00 7 7 7 7 (100)"});
}

TEST_F(SaveTest, ReconnectsAfterALostConnection) {
    save({btc_at(noon, "1")});
    for (const auto process : database.server_processes()) {
        database.query("select pg_terminate_backend(" + std::to_string(process) + ")");
    }
    const auto failed = archive->save({{btc_at(noon + 1s, "2")}, {}}, long_enough);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, HistoryFailure::away);
    EXPECT_EQ(failed.error().text, "FATAL:  terminating connection due to administrator command");
    EXPECT_EQ(save({btc_at(noon + 1s, "2")}), 1U);
}

}  // namespace
}  // namespace kurs::postgres
