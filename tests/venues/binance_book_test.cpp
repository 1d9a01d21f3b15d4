#include "venues/binance/book.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct BookTest : ::testing::Test {
    Book book{btcusdt};

    std::optional<Tick> update(std::uint64_t id, TimePoint at) {
        return book.update(rate("100"), rate("101"), id, at);
    }
    std::optional<Tick> confirm(std::string_view last_price, TimePoint at) {
        return book.confirm(rate(last_price), at, at);
    }
};

TEST_F(BookTest, RecognisesLargerUpdateIds) {
    update(7, noon);
    EXPECT_FALSE(book.is_newer(7));
    EXPECT_FALSE(book.is_newer(6));
    EXPECT_TRUE(book.is_newer(8));
}

TEST_F(BookTest, ConfirmsNothingBeforeTheFirstBook) {
    EXPECT_FALSE(confirm("100", noon));
}

TEST_F(BookTest, IsNotDatedBeforeTheFirstEventTime) {
    EXPECT_FALSE(update(7, noon));
    EXPECT_FALSE(update(8, noon + 100ms));
    const auto tick = book.confirm(rate("100"), noon - 7s, noon + 200ms);
    ASSERT_TRUE(tick);
    EXPECT_EQ(tick->observed_at, noon - 7s);
    EXPECT_EQ(tick->sequence, 8U);
}

TEST_F(BookTest, IsAsLateAsTheNewestEventTime) {
    book.confirm(rate("100"), noon - 7s, noon);
    EXPECT_EQ(update(7, noon + 400ms)->observed_at, noon - 6600ms);
    book.confirm(rate("100"), noon + 500ms, noon + 900ms);
    EXPECT_EQ(update(8, noon + 1s)->observed_at, noon + 600ms);
}

TEST_F(BookTest, IsDatedAtMostASecondAfterTheNewestEventTime) {
    book.confirm(rate("100"), noon, noon);
    EXPECT_EQ(update(7, noon + 999ms)->observed_at, noon + 999ms);
    EXPECT_EQ(update(8, noon + 3s)->observed_at, noon + 1s) << "a pause, or a connection that only drips";
    EXPECT_EQ(update(9, noon + 9s)->observed_at, noon + 1s);
}

TEST_F(BookTest, AnEventTimeAheadOfOurClockIsClamped) {
    book.confirm(rate("100"), noon + 4s, noon);
    EXPECT_EQ(update(7, noon + 100ms)->observed_at, noon + 100ms);
}

TEST_F(BookTest, AClockSetBackMakesNoBookYounger) {
    book.confirm(rate("100"), noon, noon);
    EXPECT_EQ(update(7, noon - 5s)->observed_at, noon);
}

TEST_F(BookTest, AMiniTickerConfirmsAnUnchangedBook) {
    update(7, noon);
    for (int second = 1; second < 10; ++second) {
        const auto tick = confirm("100", noon + second * 1s);
        ASSERT_TRUE(tick);
        EXPECT_EQ(tick->observed_at, noon + second * 1s);
        EXPECT_EQ(tick->sequence, 7U);
    }
}

TEST_F(BookTest, AnInvalidatedBookIsConfirmedOnlyByTheNextValidOne) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    book.retract(8);
    EXPECT_FALSE(confirm("100", noon + 2s));
    EXPECT_FALSE(confirm("100", noon + 3s)) << "unchanged last price, living miniTicker";
    EXPECT_FALSE(book.is_newer(8));
    update(9, noon + 4s);
    EXPECT_TRUE(confirm("100", noon + 5s));
}

TEST_F(BookTest, ATradeWithoutABookFrameMeansADeadBookStream) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    EXPECT_FALSE(confirm("105", noon + 2s));
    EXPECT_FALSE(confirm("105", noon + 3s)) << "still the old book";
    update(8, noon + 4s);
    EXPECT_TRUE(confirm("101", noon + 5s));
}

TEST_F(BookTest, ATradeThatMovedTheBookConfirmsIt) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_TRUE(confirm("101", noon + 2s));
}

TEST_F(BookTest, ANewPriceOutsideTheBookConfirmsNothingUntilTradingPauses) {
    update(7, noon);
    EXPECT_TRUE(confirm("100", noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_FALSE(confirm("105", noon + 2s));
    EXPECT_TRUE(confirm("105", noon + 3s));
}

TEST_F(BookTest, ALateConfirmationDoesNotMakeTheBookOlder) {
    update(7, noon);
    confirm("100", noon);
    EXPECT_EQ(book.confirm(rate("100"), noon - 60s, noon + 1s)->observed_at, noon);
}

}  // namespace
}  // namespace kurs::binance
