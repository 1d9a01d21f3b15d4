#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/transaction>

#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

/// Times count from the system clock, like the database's.
struct RetentionTest : ArchiveTest {
    TimePoint now = clock_now();
    TimePoint today = std::chrono::floor<std::chrono::days>(now);

    void maintain(Duration keep) {
        make_archive(database.url(), map, keep)->maintain(now, long_enough).value();
    }
    std::string count() { return database.value("select count(*) from quotes"); }
};

TEST_F(RetentionTest, DropsOnlyEntirelyOldDays) {
    const auto edge = today - std::chrono::days(3);
    save({btc_at(edge - 1ms, "1"), btc_at(edge, "2"), btc_at(today, "3")});
    maintain(now - edge - 1h);
    EXPECT_EQ(database.value("select string_agg(value::text, ' ' order by second) from quotes"), "2 3");
}

TEST_F(RetentionTest, KeepsCandlesForever) {
    const auto then = std::chrono::floor<std::chrono::minutes>(now) - 24h * 5;
    save({btc_at(then, "4")});
    maintain(24h);
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(candles(CandleInterval::minute, then, then + 1h).candles.size(), 1U);
    EXPECT_EQ(candles(CandleInterval::second, then, then + 1h).candles.size(), 0U);
}

TEST_F(RetentionTest, SkipsRowsOlderThanTheRetentionPeriod) {
    const auto young = make_archive(database.url(), map, 24h);
    EXPECT_EQ(young->save({{btc_at(now - 24h - 2s, "1"), btc_at(now - 23h, "2")}, {}}, long_enough).value(),
              1U);
}

// Otherwise a candle would be recomputed from the late row alone.
TEST_F(RetentionTest, SkipsLateRowsOfADroppedDayWithALongerRetentionPeriod) {
    const auto then = std::chrono::floor<std::chrono::minutes>(now) - 24h * 5;
    save({btc_at(then, "4")});
    maintain(24h);
    EXPECT_EQ(save({btc_at(then + 1s, "9")}), 0U);
    EXPECT_EQ(candles(CandleInterval::minute, then, then + 1h).candles.at(0).high, rate("4"));
}

TEST_F(RetentionTest, DropsNothingForAClockThatIsAhead) {
    save({btc_at(now - 24h, "1")});
    make_archive(database.url(), map, 48h)->maintain(now + 24h * 365, long_enough).value();
    EXPECT_EQ(count(), "1");
}

TEST_F(RetentionTest, RetriesLaterIfAPartitionIsBeingRead) {
    save({btc_at(now - 24h * 5, "1")});
    {
        pqxx::connection connection(database.url());
        pqxx::work reader(connection);
        reader.exec("select * from quotes");
        maintain(24h);
    }
    EXPECT_EQ(count(), "1");
    maintain(24h);
    EXPECT_EQ(count(), "0");
}

}  // namespace
}  // namespace kurs::postgres
