#include "../../src/venues/binance/book.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs::binance {
namespace {

using namespace kurs::testing;

struct BookTest : ::testing::Test {
    Book book{btcusdt};

    void update(std::uint64_t id, TimePoint at) {
        EXPECT_TRUE(book.update(rate("100"), rate("101"), id, at));
    }
};

TEST_F(BookTest, ItsUpdateIdMustGrow) {
    update(7, noon);
    EXPECT_EQ(book.update(rate("100"), rate("101"), 7, noon).error(), errc::out_of_order);
    EXPECT_EQ(book.update(rate("100"), rate("101"), 6, noon).error(), errc::out_of_order);
}

TEST_F(BookTest, NothingIsConfirmedBeforeABookCame) {
    EXPECT_FALSE(book.confirm(rate("100"), noon));
}

TEST_F(BookTest, AQuietMarketConfirmsItsBook) {
    update(7, noon);
    for (int second = 1; second < 10; ++second) {
        const auto tick = book.confirm(rate("100"), noon + second * 1s);
        ASSERT_TRUE(tick);
        EXPECT_EQ(tick->observed_at, noon + second * 1s);
        EXPECT_EQ(tick->sequence, 7U);
    }
}

TEST_F(BookTest, ATradeWithoutABookFrameMeansADeadBookStream) {
    update(7, noon);
    EXPECT_TRUE(book.confirm(rate("100"), noon + 1s));
    EXPECT_FALSE(book.confirm(rate("105"), noon + 2s));
    EXPECT_FALSE(book.confirm(rate("105"), noon + 3s)) << "still the old book";
    update(8, noon + 4s);
    EXPECT_TRUE(book.confirm(rate("101"), noon + 5s));
}

TEST_F(BookTest, ATradeThatMovedTheBookIsNoDoubt) {
    update(7, noon);
    EXPECT_TRUE(book.confirm(rate("100"), noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_TRUE(book.confirm(rate("101"), noon + 2s));
}

TEST_F(BookTest, ANewPriceBesideTheBookConfirmsNothingUntilItIsQuiet) {
    update(7, noon);
    EXPECT_TRUE(book.confirm(rate("100"), noon + 1s));
    update(8, noon + 1500ms);
    EXPECT_FALSE(book.confirm(rate("105"), noon + 2s));
    EXPECT_TRUE(book.confirm(rate("105"), noon + 3s));
}

TEST_F(BookTest, ALateConfirmationDoesNotMakeItOlder) {
    update(7, noon);
    EXPECT_EQ(book.confirm(rate("100"), noon - 60s)->observed_at, noon);
}

}  // namespace
}  // namespace kurs::binance
