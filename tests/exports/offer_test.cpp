#include "kurs/exports/offer.hpp"

#include <gtest/gtest.h>

#include "exports/item_fixture.hpp"

namespace kurs::exports {
namespace {

struct Worked {
    std::string_view rate;
    Side side;
    std::uint32_t markup_ppb;
    int from_places, to_places;
    std::string_view exact, in, out;
};

TEST(Price, GivesTheSideThatIsNotOneAllItsPrecisionAndRoundsInTheExchangersFavour) {
    for (const auto& [rate_text, side, markup_ppb, from_places, to_places, exact, in, out] : {
             Worked{"79.90", Side::sell, 12'000'000, 6, 2, "78.9412", "1", "78.94"},
             Worked{"80.10", Side::buy, 12'000'000, 2, 6, "81.0612", "81.07", "1"},
             Worked{"61234.56789012", Side::sell, 7'500'000, 8, 2, "60775.3086309441", "1", "60775.30"},
             Worked{"4901234.55", Side::buy, 12'000'000, 2, 8, "4960049.3646", "4960049.37", "1"},
             Worked{"0.02934412", Side::sell, 10'000'000, 8, 8, "34.422603577855123991", "34.42260358", "1"},
             Worked{"0.98", Side::sell, 0, 2, 2, "1.020408163265306122", "1.03", "1"},
             Worked{"0.98", Side::buy, 0, 2, 2, "1.020408163265306122", "1", "1.02"},
             Worked{"1", Side::sell, 0, 2, 2, "1", "1", "1"},
             Worked{"1", Side::buy, 0, 2, 2, "1", "1", "1"},
             Worked{"1.000000000000000001", Side::buy, 0, 0, 0, "1.000000000000000001", "2", "1"},
             Worked{"0.000000000000000001", Side::sell, 0, 2, 2, "1000000000000000000", "1000000000000000000",
                    "1"},
         }) {
        const auto price = make_price(rate(rate_text), side, markup_ppb, from_places, to_places);
        ASSERT_TRUE(price) << rate_text;
        EXPECT_EQ(to_string(price->exact), exact) << rate_text;
        EXPECT_EQ(price->in, rate(in)) << rate_text << " " << to_string(price->in);
        EXPECT_EQ(price->out, rate(out)) << rate_text << " " << to_string(price->out);
    }
}

TEST(Price, FailsWhereTheRateIsTooLarge) {
    const auto largest = rate("340282366920938463463");
    EXPECT_TRUE(make_price(largest, Side::buy, 0, 2, 2));
    EXPECT_EQ(make_price(largest, Side::buy, 1, 2, 2).error(), errc::overflow);
    const auto fraction = rate("340282366920938463463.374607431768211455");
    EXPECT_TRUE(make_price(fraction, Side::buy, 0, 18, 2));
    EXPECT_EQ(make_price(fraction, Side::buy, 0, 0, 2).error(), errc::overflow) << "rounded up";
}

TEST(Offer, HasTheSideOfTheBookThatTheCustomerMeets) {
    EXPECT_EQ(to_string(make_offer(sale(), &usdt_rub(), {}, noon)->price.out), "79.9");
    EXPECT_EQ(to_string(make_offer(purchase(), &usdt_rub(), {}, noon)->price.in), "80.1");
}

TEST(Offer, IsAbsentUnlessItsCourseIsFreshAndUndisputed) {
    auto quote = usdt_rub();
    EXPECT_TRUE(make_offer(sale(), &quote, {}, quote.fresh_until - 1ms));
    EXPECT_EQ(make_offer(sale(), &quote, {}, quote.fresh_until).error(),
              "The course is not fresh, or disputed.");
    EXPECT_FALSE(make_offer(sale(), nullptr, {}, noon));
    quote.dispute = "far above the others";
    EXPECT_FALSE(make_offer(sale(), &quote, {}, noon));
}

TEST(Offer, ShowsTheWorstTierAndCoversTheWholeRangeWithItsTiers) {
    auto item = sale();
    item.tiers = {{rate("1000"), 15'000'000}, {std::nullopt, 12'000'000}};
    item.min = rate("100");
    item.max = rate("20000");
    const auto offer = make_offer(item, &usdt_rub(), {}, noon);
    ASSERT_TRUE(offer);
    EXPECT_EQ(to_string(offer->price.out), "78.7");  // 79.90 * 0.985 = 78.7015
    ASSERT_EQ(offer->tiers.size(), 2U);
    EXPECT_EQ(offer->tiers[0].min, rate("100"));
    EXPECT_EQ(offer->tiers[0].max, rate("1000"));
    EXPECT_EQ(offer->tiers[1].min, rate("1000"));
    EXPECT_EQ(offer->tiers[1].max, rate("20000"));
    EXPECT_EQ(to_string(offer->tiers[1].price.out), "78.94");
}

TEST(Offer, LimitsAnOrderToWhatTheReservePaysOut) {
    auto item = sale();
    item.to.reserve = rate("100000");
    item.tiers = {{rate("1000"), 15'000'000}, {rate("5000"), 12'000'000}, {std::nullopt, 0}};
    const auto offer = make_offer(item, &usdt_rub(), {}, noon);
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->max, rate("1251.564455"));  // 100000 / 79.90, of the best tier, rounded down
    EXPECT_EQ(offer->reserve, rate("100000"));
    EXPECT_FALSE(offer->min);
    ASSERT_EQ(offer->tiers.size(), 2U);  // the last one begins above the limit
    EXPECT_EQ(offer->tiers[1].max, offer->max);

    item.max = rate("7000");
    EXPECT_EQ(make_offer(item, &usdt_rub(), {}, noon)->max, rate("7000"));
}

TEST(Offer, IsAbsentIfTheReserveDoesNotCoverTheSmallestOrder) {
    auto item = sale();
    item.to.reserve = rate("100000");
    item.min = rate("1251.564455");
    EXPECT_TRUE(make_offer(item, &usdt_rub(), {}, noon));
    item.min = rate("1251.564456");
    EXPECT_EQ(make_offer(item, &usdt_rub(), {}, noon).error(),
              "The reserve of 100000 SBPRUB does not cover the smallest order.");
    item.min.reset();
    item.to.reserve = rate("0.01");
    item.from.amount_places = 0;
    EXPECT_FALSE(make_offer(item, &usdt_rub(), {}, noon));
    std::swap(item.from, item.to);
    item.side = Side::buy;
    item.to.reserve = rate("300000000000000000000");
    EXPECT_EQ(make_offer(item, &usdt_rub(), {}, noon).error(),
              "The reserve of 300000000000000000000 USDTTRC20 is too large.");
}

TEST(Offer, HasTheReserveThatItsSourceTellsUntilThatIsStale) {
    auto item = sale();
    item.to.reserve_source = 3;
    ReserveBook reserves;
    EXPECT_EQ(make_offer(item, &usdt_rub(), reserves, noon).error(),
              "The reserve of SBPRUB is unknown, older than its limit, or used up.");
    reserves.set(3, {rate("1500000.509"), noon + 2s});
    const auto offer = make_offer(item, &usdt_rub(), reserves, noon);
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->reserve, rate("1500000.5"));
    EXPECT_EQ(offer->valid_until, noon + 2s);
    EXPECT_FALSE(make_offer(item, &usdt_rub(), reserves, noon + 2s));
    reserves.set(3, {rate("0.001"), noon + 1h});
    EXPECT_FALSE(make_offer(item, &usdt_rub(), reserves, noon)) << "no kopeck is left";
    reserves.set(3, {rate("100"), noon + 1h});
    EXPECT_EQ(make_offer(item, &usdt_rub(), reserves, noon)->valid_until, usdt_rub().fresh_until);
}

TEST(Offer, IsAbsentOutsideOfItsHours) {
    auto item = sale();
    item.hours = OpeningHours{9h, 21h, Zone{3h, {}}, "09:00-21:00 +03:00"};
    EXPECT_FALSE(make_offer(item, &usdt_rub(), {}, noon));  // 22:13:20 UTC
    EXPECT_EQ(make_offer(item, &usdt_rub(), {}, noon).error(), "Outside of its hours, 09:00-21:00 +03:00.");
    item.hours->zone = Zone{-3h, {}};
    EXPECT_TRUE(make_offer(item, &usdt_rub(), {}, noon));
}

}  // namespace
}  // namespace kurs::exports
