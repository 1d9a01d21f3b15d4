#include "kurs/app/troubles.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;
using alerts::Kind;

/// Names of kinds and subjects; every direction and feed is well until a test says otherwise.
struct TroublesTest : ::testing::Test {
    TroublesTest() {
        for (const auto& route : map.routes) board.apply(quote(route.venue, route.direction));
        board.choose_active(noon);
        for (const auto* name : {"binance/1", "binance/2"})
            feeds.push_back(feed(name, binance, FeedState::live));
        feeds.push_back(feed("coingecko", coingecko, FeedState::waiting));
    }

    static Quote quote(VenueId venue, DirectionId direction) {
        const auto price = rate("100");
        return {venue, direction, price, price, price, noon, noon + 5s, {}};
    }
    static FeedReport feed(const std::string& name, VenueId venue, FeedState state) {
        return {name, venue, state, "why", noon, noon, 0};
    }

    std::vector<std::string> found(TimePoint now = noon) const {
        const TroublePoints points{board, feeds, exports, reserves, metered, archive};
        std::vector<std::string> names;
        for (const auto& [kind, subject, reason] : find_troubles(points, now))
            names.push_back(std::string(to_string(kind)) + " " + subject + ": " + reason);
        return names;
    }

    MarketMap map = small_market();
    Board board{map, 10s};
    std::vector<FeedReport> feeds;
    exports::Exports exports;
    exports::ReserveBook reserves;
    std::vector<MeteredVenue> metered;
    std::optional<metrics::ArchiveReading> archive;
};

TEST_F(TroublesTest, ThereAreNoneIfAllIsWell) {
    EXPECT_EQ(found(), std::vector<std::string>{});
    archive.emplace();
    archive->is_writing = true;
    EXPECT_EQ(found(), std::vector<std::string>{});
}

TEST_F(TroublesTest, AreStaleRatesOfTheActiveExchanger) {
    board.withdraw(coingecko, btc_rub);
    EXPECT_EQ(found(), std::vector<std::string>{}) << "another exchanger is active";
    board.withdraw(binance, btc_rub);
    EXPECT_EQ(found(), std::vector<std::string>{"rate.stale BTC-RUB: The active exchanger is binance."});
    EXPECT_EQ(found(noon + 5s).size(), 5U) << "three directions, and two exchangers";
}

TEST_F(TroublesTest, ARateThatTheActiveExchangerDoesNotQuoteIsNotStale) {
    board.withdraw(binance, usdt_usd);
    std::erase_if(map.routes,
                  [](const Route& route) { return route.venue == binance && route.direction == usdt_usd; });
    EXPECT_EQ(found(), std::vector<std::string>{});
}

TEST_F(TroublesTest, AreDisputedExchangers) {
    auto disputed = quote(coingecko, btc_usd);
    disputed.dispute = "2.06 % above binance";
    board.apply(disputed);
    EXPECT_EQ(found(),
              std::vector<std::string>{"exchanger.disputed coingecko: BTC-USD: 2.06 % above binance"});
    EXPECT_EQ(found(noon + 5s).size(), 5U) << "a stale quote is not disputed";
}

TEST_F(TroublesTest, AFirstValueIsNotDisputed) {
    auto first = quote(coingecko, btc_usd);
    first.dispute = "first value, not confirmed by another venue";
    board.apply(first);
    EXPECT_EQ(found(), std::vector<std::string>{});
}

TEST_F(TroublesTest, AreExchangersWithoutAFreshQuote) {
    board.withdraw(coingecko, btc_rub);
    board.withdraw(coingecko, btc_usd);
    feeds[2].state = FeedState::backing_off;
    EXPECT_EQ(found(), std::vector<std::string>{}) << "one is fresh";
    auto disputed = quote(coingecko, usdt_usd);
    disputed.dispute = "far above";
    board.apply(disputed);
    EXPECT_EQ(found().size(), 1U) << "a disputed one is delivered";
    board.withdraw(coingecko, usdt_usd);
    EXPECT_EQ(found(), std::vector<std::string>{"venue.lost coingecko: coingecko is backing_off: why"});
}

TEST_F(TroublesTest, AreSourcesWithoutAFeedThatWorks) {
    feeds.push_back(feed("cbr", cbr, FeedState::waiting));
    EXPECT_EQ(found(), std::vector<std::string>{});
    feeds.back().state = FeedState::backing_off;
    EXPECT_EQ(found(), std::vector<std::string>{"venue.lost cbr: cbr is backing_off: why"});
}

TEST_F(TroublesTest, AreAbsentItemsUnlessTheyAreClosed) {
    exports::Item item;
    item.from = {"BTC", 8, 8, {}};
    item.to = {"SBPRUB", 2, 2, {}};
    item.direction = btc_rub;
    item.tiers = {{std::nullopt, 0}};
    item.city = "MSK";
    exports.all = {{"bestchange", {}, {}, {}, {}, {item}}};
    EXPECT_EQ(found(), std::vector<std::string>{});
    board.withdraw(binance, btc_rub);
    EXPECT_EQ(found().back(),
              "export.absent bestchange: BTC -> SBPRUB, MSK: The course is not fresh, or disputed.");
    exports.all[0].items[0].hours = exports::OpeningHours{13h, 14h, {}, "13:00-14:00 UTC"};
    EXPECT_EQ(found(), std::vector<std::string>{"rate.stale BTC-RUB: The active exchanger is binance."});
}

TEST_F(TroublesTest, AreFewCredits) {
    struct Few final : CreditBudget {
        std::string to_text() const override { return ""; }
        void adopt(std::string_view) override {}
        void join(std::string_view) override {}
        void share_among(int) override {}
        std::optional<std::int64_t> credits_left(TimePoint) const override { return left; }
        bool is_resting(TimePoint) const override { return false; }
        std::optional<std::int64_t> left;
    } budget;
    metered.push_back({"coingecko", budget});
    EXPECT_EQ(found(), std::vector<std::string>{}) << "not counted";
    budget.left = 10;
    EXPECT_EQ(found(), std::vector<std::string>{});
    budget.left = 9;
    EXPECT_EQ(found(), std::vector<std::string>{"credits.low coingecko: 9 are left."});
}

TEST_F(TroublesTest, AreRowsThatAreNotWritten) {
    archive.emplace();
    archive->waiting_rows = 7;
    archive->lost_rows = 2;
    EXPECT_EQ(found(), std::vector<std::string>{"history.lost history: 7 rows wait, 2 are lost."});
}

}  // namespace
}  // namespace kurs
