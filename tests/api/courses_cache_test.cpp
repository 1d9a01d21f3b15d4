#include "api/courses_cache.hpp"

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api {
namespace {

struct CoursesCacheTest : testing::Test {
    const TaggedResponse& ask(std::string_view query, TimePoint now = noon) {
        return **cache.find(query, now);
    }

    Market market;
    ResponseWriter writer{""};
    std::vector<VenueId> requested;
    CoursesCache cache{market.board, writer,
                       [this](VenueId venue, TimePoint) { requested.push_back(venue); }};
};

TEST_F(CoursesCacheTest, RendersOncePerChangeOfTheBoard) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("").full.body, both_courses);
    EXPECT_EQ(cache.renders(), 1U);
    market.board.apply(quote(binance, btc_usd, "54001"));
    for (int i = 0; i < 3; ++i) EXPECT_NE(ask("").full.body, both_courses);
    EXPECT_EQ(cache.renders(), 2U);
}

TEST_F(CoursesCacheTest, KnowsEqualQueriesByAnySpelling) {
    ask("direction=BTC-USD,ETH-USD");
    ask("direction=ETH-USD&directions=btc-usd");
    EXPECT_EQ(cache.renders(), 1U);
    ask("direction=BTC-USD");
    EXPECT_EQ(cache.renders(), 2U);
}

TEST_F(CoursesCacheTest, LeavesOutAQuoteAtTheMomentItGoesStale) {
    market.board.apply(quote(binance, eth_usd, "3000", noon, 60s));
    EXPECT_EQ(ask("", noon + 4999ms).full.body, both_courses);
    EXPECT_EQ(ask("", noon + 5s).full.body,
              R"({"exchanger":"binance","courses":[{"direction":"ETH-USD","value":3000}]})");
    EXPECT_EQ(ask("", noon + 60s).full.status, 503U);
}

TEST_F(CoursesCacheTest, TightensTheLimitByMaxAgeAndNeverLoosensIt) {
    EXPECT_EQ(ask("max_age=2", noon + 2s).full.status, 200U);
    EXPECT_EQ(ask("max_age=2", noon + 2001ms).full.status, 503U);
    EXPECT_EQ(ask("max_age=9", noon + 4999ms).full.status, 200U);
    EXPECT_EQ(ask("max_age=9", noon + 5s).full.status, 503U);
}

TEST_F(CoursesCacheTest, KeepsTheEtagAsLongAsTheBody) {
    const auto etag = ask("").etag;
    market.board.apply(quote(binance, btc_usd, "54000.000123", noon + 1s));
    EXPECT_EQ(ask("", noon + 1s).etag, etag);
    market.board.apply(quote(binance, btc_usd, "54000.000124", noon + 1s));
    EXPECT_NE(ask("", noon + 1s).etag, etag);
    market.board.apply(quote(binance, btc_usd, "54000.000123", noon + 2s));
    EXPECT_EQ(ask("", noon + 2s).etag, etag);
}

TEST_F(CoursesCacheTest, ServesTheSameBodyAgainAfterAnOutage) {
    const auto etag = ask("").etag;
    EXPECT_EQ(ask("", noon + 5s).full.status, 503U);
    for (const auto direction : {btc_usd, eth_usd}) {
        const auto value = direction == btc_usd ? "54000.000123" : "3000";
        market.board.apply(quote(binance, direction, value, noon + 6s));
    }
    EXPECT_EQ(ask("", noon + 6s).full.status, 200U);
    EXPECT_EQ(ask("", noon + 6s).etag, etag);
}

TEST_F(CoursesCacheTest, FollowsTheActiveVenueUnlessOneIsNamed) {
    market.board.apply(quote(coingecko, btc_usd, "53999", noon, 180s));
    market.board.choose_active(noon + 6s);
    EXPECT_EQ(ask("", noon + 6s).full.body,
              R"({"exchanger":"coingecko","courses":[{"direction":"BTC-USD","value":53999}]})");
    EXPECT_EQ(ask("exchanger=binance", noon + 6s).full.status, 503U);
}

TEST_F(CoursesCacheTest, ReportsExchangersThatAreRequestedByName) {
    ask("");
    ask("exchanger=coingecko");
    ask("exchanger=coingecko");
    EXPECT_EQ(requested.size(), 2U) << "cached or not";
}

TEST_F(CoursesCacheTest, ExplainsThatNoVenueHasServedYet) {
    const Board empty(market.map, 30s);
    CoursesCache cold(empty, writer, [](VenueId, TimePoint) {});
    const auto& answer = (*cold.find("", noon))->full;
    EXPECT_EQ(answer.status, 503U);
    EXPECT_NE(answer.body.find("No exchanger has served"), std::string::npos);
}

TEST_F(CoursesCacheTest, IsCorrectBeyondItsCapacity) {
    for (int i = 1; i <= 2000; ++i) EXPECT_EQ(ask("max_age=" + std::to_string(i)).full.body, both_courses);
    EXPECT_EQ(ask("").full.body, both_courses);
}

}  // namespace
}  // namespace kurs::api
