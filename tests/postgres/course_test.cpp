#include "support/records.hpp"

namespace kurs::postgres {
namespace {

using namespace testing;

struct CourseTest : ArchiveTest {
    RecordedCourse course(TimePoint at, std::optional<VenueId> venue = binance) {
        const CourseQuestion question{venue, btc_usd, at};
        return std::get<RecordedCourse>(source->find(question, long_enough).value());
    }

    std::string value(TimePoint at, std::optional<VenueId> venue = binance) {
        const auto found = course(at, venue);
        return found.quote ? to_string(found.quote->value) : "none";
    }

    std::string active(TimePoint at) { return course(at, std::nullopt).venue.value_or("none"); }
};

TEST_F(CourseTest, IsReturnedWithItsLegs) {
    save({btc_at(noon + 500ms, "61240.123456789012345678")});
    const auto quote = course(noon + 1s).quote.value();
    EXPECT_EQ(quote.venue, "binance");
    EXPECT_EQ(quote.direction, "BTC-USD");
    EXPECT_EQ(quote.value, rate("61240.123456789012345678"));
    EXPECT_EQ(quote.observed_at, noon + 200ms);
    EXPECT_EQ(quote.fresh_until, noon + 5200ms);
    ASSERT_EQ(quote.legs.size(), 2U);
    EXPECT_EQ(quote.legs[0].symbol, "BTCUSDT");
    EXPECT_EQ(quote.legs[0].bid, rate("61234.50000001"));
    EXPECT_EQ(quote.legs[0].observed_at, noon + 400ms);
    EXPECT_TRUE(quote.legs[1].inverted);
    EXPECT_EQ(quote.legs[1].ask, rate("0.9999"));
    EXPECT_EQ(quote.legs[1].observed_at, noon + 200ms);
}

TEST_F(CourseTest, IsTheNewestAtThatMillisecond) {
    save({btc_at(noon + 300ms, "1"), btc_at(noon + 1600ms, "2")});
    EXPECT_EQ(value(noon + 299ms), "none");
    EXPECT_EQ(value(noon + 300ms), "1");
    EXPECT_EQ(value(noon + 1599ms), "1") << "the row of that second is not yet recorded";
    EXPECT_EQ(value(noon + 1600ms), "2");
}

TEST_F(CourseTest, IsSearchedForADayBackAndOverMidnight) {
    save({btc_at(noon, "1")});
    EXPECT_EQ(value(noon + 24h - 1ms), "1");
    EXPECT_EQ(value(noon + 24h), "none");
}

TEST_F(CourseTest, IsEmptyAfterALoss) {
    save({btc_at(noon, "1"), loss_at(noon + 5s), btc_at(noon + 9s, "2")});
    EXPECT_EQ(value(noon + 4999ms), "1");
    EXPECT_EQ(value(noon + 5s), "none");
    EXPECT_EQ(value(noon + 8999ms), "none");
    EXPECT_EQ(value(noon + 9s), "2");
}

TEST_F(CourseTest, IsThatOfTheActiveVenueByDefault) {
    save({btc_at(noon, "1"), quote_at(noon, coingecko, btc_usd, "2")});
    save({noon + 1s, "binance", "first"});
    save({noon + 2s, "coingecko", "binance is stale"});
    EXPECT_EQ(value(noon + 1s, std::nullopt), "1");
    EXPECT_EQ(value(noon + 1999ms, std::nullopt), "1");
    EXPECT_EQ(value(noon + 2s, std::nullopt), "2");
}

TEST_F(CourseTest, HasNoVenueWhereNoneWasActive) {
    save({btc_at(noon, "1")});
    EXPECT_EQ(active(noon), "none");
    save({noon + 1s, "binance", "first"});
    save({noon + 5s, "", "stopped"});
    EXPECT_EQ(active(noon + 999ms), "none");
    EXPECT_EQ(active(noon + 1s), "binance");
    EXPECT_EQ(active(noon + 5s), "none");
    EXPECT_FALSE(course(noon + 5s, std::nullopt).quote);
}

TEST_F(CourseTest, IsEmptyForAVenueThatNeverMadeIt) {
    save({btc_at(noon, "1")});
    const auto found = course(noon, coingecko);
    EXPECT_EQ(found.venue, "coingecko");
    EXPECT_FALSE(found.quote);
}

TEST_F(CourseTest, IsExplainedByTheQuotesOfAllVenuesAndTheActiveOne) {
    save({btc_at(noon, "1"), quote_at(noon, coingecko, btc_usd, "2"),
          quote_at(noon, coingecko, btc_rub, "3")});
    save({btc_at(noon + 2s, "4")});
    save({noon + 1s, "binance", "first"});
    const auto explain = [this](TimePoint at) {
        const ExplanationQuestion question{btc_usd, at};
        return std::get<RecordedExplanation>(source->find(question, long_enough).value());
    };
    const auto found = explain(noon + 1500ms);
    EXPECT_EQ(found.active, (ActiveChange{noon + 1s, "binance", "first"}));
    ASSERT_EQ(found.quotes.size(), 2U);
    for (const auto& quote : found.quotes) {
        EXPECT_EQ(quote.direction, "BTC-USD");
        EXPECT_EQ(to_string(quote.value), quote.venue == "binance" ? "1" : "2");
    }
    EXPECT_EQ(found.quotes[0].legs.size(), found.quotes[0].venue == "binance" ? 2U : 0U);
    EXPECT_FALSE(explain(noon + 999ms).active);
    EXPECT_TRUE(explain(noon - 1ms).quotes.empty());
}

TEST_F(CourseTest, IsFoundAgainAfterTheConnectionWasLost) {
    save({btc_at(noon, "1")});
    EXPECT_EQ(value(noon), "1");
    for (const auto process : database.server_processes()) {
        database.query("select pg_terminate_backend(" + std::to_string(process) + ", 5000)");
    }
    EXPECT_EQ(value(noon), "1");
}

}  // namespace
}  // namespace kurs::postgres
