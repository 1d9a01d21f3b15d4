#include "kurs/exports/order.hpp"

#include <gtest/gtest.h>

#include "exports/item_fixture.hpp"

namespace kurs::exports {
namespace {

/// "give get", or why there is no order.
std::string order(const Item& item, Side side, std::string_view amount) {
    const auto offer = *make_offer(item, &usdt_rub(), {}, noon);
    const auto priced = price_order(item, offer, side, rate(amount));
    return priced ? to_string(priced->give) + " " + to_string(priced->get) : priced.error();
}

/// 10 % below 1,000 roubles, 1 % above.
Item tiered() {
    auto item = purchase();
    item.tiers = {{rate("1000"), one_in_ppb / 10}, {std::nullopt, one_in_ppb / 100}};
    return item;
}

TEST(Order, HasThePublishedPriceRoundedInTheExchangersFavour) {
    EXPECT_EQ(order(sale(), Side::sell, "100"), "100 7990");
    EXPECT_EQ(order(sale(), Side::sell, "0.123456"), "0.123456 9.86") << "9.8641... down";
    EXPECT_EQ(order(sale(), Side::buy, "10"), "0.125157 10") << "0.1251564... up";
    EXPECT_EQ(order(purchase(), Side::sell, "10000"), "10000 124.843945") << "124.8439450... down";
    EXPECT_EQ(order(purchase(), Side::buy, "1.000001"), "80.11 1.000001") << "80.1000801 up";
}

TEST(Order, HasTheTierOfWhatIsGiven) {
    const auto item = tiered();
    const auto offer = *make_offer(item, &usdt_rub(), {}, noon);
    EXPECT_EQ(price_order(item, offer, Side::sell, rate("999.99"))->markup_ppb, one_in_ppb / 10);
    EXPECT_EQ(price_order(item, offer, Side::sell, rate("1000"))->markup_ppb, one_in_ppb / 100);
    EXPECT_EQ(order(item, Side::buy, "11"), "969.21 11") << "88.11 each";
    EXPECT_EQ(order(item, Side::buy, "13"), "1051.83 13") << "80.91 each";
}

TEST(Order, BetweenTiersHasTheDearerPrice) {
    // 12 cost 1057.32 at 10 %, which is above the tier, and 970.9... at 1 %, which is below the other one.
    EXPECT_EQ(order(tiered(), Side::buy, "12"), "1057.32 12");
}

TEST(Order, KeepsTheLimitsOfTheOffer) {
    auto item = sale();
    item.min = rate("100");
    item.max = rate("1000");
    EXPECT_EQ(order(item, Side::sell, "1000"), "1000 79900");
    EXPECT_EQ(order(item, Side::sell, "99.999999"),
              "The smallest order is 100 USDTTRC20. Give another amount.");
    EXPECT_EQ(order(item, Side::sell, "1000.000001"),
              "The largest order is 1000 USDTTRC20. Give another amount.");
    EXPECT_EQ(order(item, Side::buy, "79900.01"),
              "The largest order is 1000 USDTTRC20. Give another amount.");
    item.to.reserve = rate("50000");
    EXPECT_EQ(order(item, Side::sell, "1000"),
              "The reserve of SBPRUB does not cover the amount. Give a smaller amount.");
    EXPECT_EQ(order(item, Side::buy, "50000"), "625.782228 50000");
}

TEST(Order, AtTheLargestAmountHasTheTierThatBeginsThere) {
    auto item = tiered();
    item.tiers[0].markup_ppb = one_in_ppb / 100;
    item.tiers[1].markup_ppb = one_in_ppb / 10;
    item.max = rate("1000");
    EXPECT_EQ(order(item, Side::sell, "999.99"), "999.99 12.359288");
    EXPECT_EQ(order(item, Side::sell, "1000"), "1000 11.349449") << "88.11 each";
}

TEST(Order, MayBeOfOneAmountOnly) {
    auto item = sale();
    item.min = item.max = rate("100");
    EXPECT_EQ(order(item, Side::sell, "100"), "100 7990");
    EXPECT_EQ(order(item, Side::sell, "101"), "The largest order is 100 USDTTRC20. Give another amount.");
}

TEST(Order, IsForAnAmountThatIsWorthSomething) {
    EXPECT_EQ(order(sale(), Side::sell, "0.0001"),
              "The amount is worth less than the last decimal of SBPRUB. Give a greater amount.");
    EXPECT_EQ(order(sale(), Side::sell, "340282366920938463463"),
              "The amount is too large. Give a smaller one.");
}

}  // namespace
}  // namespace kurs::exports
