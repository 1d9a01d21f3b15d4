#include "kurs/venue/tops.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct TopsTest : ::testing::Test {
    Tops tops;

    /// The number of the tick, or the reason why there is none.
    std::string observed(const char* bid, std::uint64_t sequence) {
        const auto tick = tops.observe(btcusdt, Top{rate(bid), rate("200")}, sequence, noon);
        return tick ? std::to_string(tick->sequence) : std::string(to_string(tick.error()));
    }
};

TEST_F(TopsTest, ATickHasTheNumberUnderWhichItsTopWasFirstSeen) {
    EXPECT_EQ(observed("100", 10), "10");
    EXPECT_EQ(observed("100", 15), "10");
    EXPECT_EQ(observed("101", 20), "20");
    EXPECT_EQ(observed("100", 30), "30") << "there and back";
}

TEST_F(TopsTest, AnOlderTopIsOutOfOrder) {
    observed("100", 10);
    observed("101", 20);
    EXPECT_EQ(observed("100", 15), "out_of_order");
    EXPECT_EQ(observed("101", 22), "20");
    EXPECT_TRUE(tops.is_newest(btcusdt, 22));
    EXPECT_FALSE(tops.is_newest(btcusdt, 21));
}

TEST_F(TopsTest, AWithdrawnTopIsConfirmedByANewerBookAlone) {
    observed("100", 10);
    tops.withdraw(btcusdt, 20);
    EXPECT_EQ(observed("100", 20), "out_of_order");
    EXPECT_EQ(observed("100", 21), "21");
}

TEST_F(TopsTest, OneNumberMayHaveTwoTops) {
    observed("100", 10);
    EXPECT_EQ(observed("101", 10), "10");
    EXPECT_EQ(observed("101", 10), "10") << "the later one is kept";
}

TEST_F(TopsTest, AWithdrawalNotesItsNumber) {
    observed("100", 10);
    tops.withdraw(btcusdt, 20);
    EXPECT_TRUE(tops.is_newest(btcusdt, 20));
    EXPECT_FALSE(tops.is_newest(btcusdt, 19));
}

TEST_F(TopsTest, ATopThatIsWithdrawnUnderItsNumberIsNewWhenItReturns) {
    observed("100", 10);
    tops.withdraw(btcusdt, 10);
    EXPECT_EQ(observed("100", 30), "30");
}

TEST_F(TopsTest, ASmallerNumberOfARestartIsTheBeginningOfANewNumbering) {
    observed("100", 10);
    tops.restart(btcusdt, 10);
    EXPECT_EQ(observed("100", 12), "10");
    tops.restart(btcusdt, 9);
    EXPECT_EQ(observed("100", 9), "9");
}

TEST(Top, IsTheBestOfTheLevelsWithAnOffer) {
    const auto level = [](const char* price, bool has_offer = true) { return Level{rate(price), has_offer}; };
    const auto top = top_of({level("99"), level("100"), level("98"), level("101", false)},
                            {level("104"), level("103"), level("105"), level("102", false)});
    EXPECT_TRUE(top.value() == (Top{rate("100"), rate("103")}));
    EXPECT_EQ(top_of({}, {level("103")}).error(), errc::not_positive);
    EXPECT_EQ(top_of({level("100")}, {level("103", false)}).error(), errc::not_positive);
}

TEST(Top, HasTwoSidesThatDoNotCross) {
    EXPECT_TRUE(make_top(rate("100"), rate("100")).value() == (Top{rate("100"), rate("100")}));
    EXPECT_EQ(make_top(rate("101"), rate("100")).error(), errc::crossed);
    EXPECT_EQ(make_top(std::nullopt, rate("100")).error(), errc::not_positive);
    EXPECT_EQ(make_top(rate("100"), std::nullopt).error(), errc::not_positive);
}

}  // namespace
}  // namespace kurs
