#include "kurs/boardlog/local_board_log.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "kurs/runtime/task_group.hpp"
#include "support/running_loop.hpp"
#include "support/small_market.hpp"

namespace kurs {
namespace {

using namespace small;

class LocalBoardLogTest : public ::testing::Test {
protected:
    BoardLogEvents events() {
        return {.on_change = [this](const BoardChange& change) { delivered.push_back(change); },
                .on_wanted = [this](VenueId venue) { wanted = venue; },
                .make_note = [] { return std::string(); },
                .on_note = [](std::string_view) {}};
    }

    static BoardChange change_of(std::string_view price) {
        BoardChange change;
        change.quotes = {quote(binance, btc_usd, price)};
        return change;
    }

    void close() {
        net::io_context loop{1};
        TaskGroup tasks(loop.get_executor());
        tasks.spawn("close", closing());
        kurs::testing::run_out(loop);
    }

    net::awaitable<void> closing() {
        const bool has_ended = co_await log.close(1s);
        EXPECT_TRUE(has_ended);
    }

    MarketMap map = small_market();
    Clock clock;
    Board served{map, 10s};
    std::vector<BoardChange> delivered;
    std::optional<VenueId> wanted;
    LocalBoardLog log{clock, served, events()};
};

TEST_F(LocalBoardLogTest, DeliversAChangeWhileItIsAppended) {
    log.append(change_of("42"), noon);
    ASSERT_NE(served.find(binance, btc_usd), nullptr);
    EXPECT_EQ(served.find(binance, btc_usd)->value, rate("42"));
    ASSERT_EQ(delivered.size(), 1u);
    EXPECT_EQ(delivered[0].version, served.version());
    EXPECT_EQ(delivered[0].visible_at, noon);
}

TEST_F(LocalBoardLogTest, VersionsGrowAcrossRuns) {
    const auto first = served.version();
    EXPECT_GE(first, 1'700'000'000'000'000u) << "microseconds since 1970";
    log.append(change_of("1"), noon);
    log.append(change_of("2"), noon);
    EXPECT_EQ(served.version(), first + 2);
}

TEST_F(LocalBoardLogTest, IsTheOnlyWriterAndSharesNothing) {
    EXPECT_TRUE(log.is_writer());
    EXPECT_EQ(log.writers(), 1u);
    EXPECT_EQ(log.delay(), 0ms);
    EXPECT_FALSE(log.status());
}

TEST_F(LocalBoardLogTest, WhatClientsAskForReachesTheFeedsAtOnce) {
    log.want(coingecko);
    EXPECT_EQ(wanted, coingecko);
}

TEST_F(LocalBoardLogTest, TheFailoverHistoryEndsWhenItIsClosed) {
    auto first = change_of("1");
    first.active = ActiveChange{noon, "binance", "first"};
    log.append(std::move(first), noon);
    close();
    ASSERT_EQ(delivered.size(), 2u);
    ASSERT_TRUE(delivered[1].active);
    EXPECT_FALSE(delivered[1].active->venue);
}

TEST_F(LocalBoardLogTest, ABoardThatServedNothingHasNothingToEnd) {
    close();
    EXPECT_TRUE(delivered.empty());
}

}  // namespace
}  // namespace kurs
