#include "market.hpp"

#include <gtest/gtest.h>

#include "at.hpp"

using namespace sim;

namespace {

Market make_market(std::uint64_t seed = 1) {
    return {listed_instruments(), seed, at(0)};
}

}  // namespace

TEST(Market, SameSeedWalksTheSameWay) {
    auto one = make_market(7);
    auto other = make_market(7);
    for (int i = 0; i < 1000; ++i) {
        one.step("BTCUSDT", at(i));
        other.step("BTCUSDT", at(i));
    }
    EXPECT_EQ(one.find("BTCUSDT")->book.bid, other.find("BTCUSDT")->book.bid);
    EXPECT_NE(one.find("BTCUSDT")->book.bid, amount("64117.99"));
}

TEST(Market, UpdateIdsGrowAndBooksStayUncrossed) {
    auto market = make_market();
    std::int64_t last = market.find("ETHUSDT")->book.update_id;
    for (int i = 0; i < 10'000; ++i) {
        market.step("ETHUSDT", at(i));
        const auto& book = market.find("ETHUSDT")->book;
        ASSERT_GT(book.update_id, last);
        ASSERT_LT(book.bid, book.ask);
        ASSERT_GT(book.bid_quantity.units, 0);
        last = book.update_id;
    }
}

TEST(Market, StablePairStaysWithinItsBand) {
    auto market = make_market();
    for (int i = 0; i < 50'000; ++i) {
        market.step("USDCUSDT", at(i));
        const auto& book = market.find("USDCUSDT")->book;
        ASSERT_GE(book.bid, amount("0.998"));
        ASSERT_LE(book.ask, amount("1.002"));
    }
}

TEST(Market, LastPriceChangesOnlyByATradeAtTheBook) {
    auto market = make_market();
    for (int i = 0; i < 1000; ++i) {
        const auto before = market.find("BTCUSDT")->last.price;
        const auto trade = market.step("BTCUSDT", at(i));
        const auto& listing = *market.find("BTCUSDT");
        if (!trade) ASSERT_EQ(listing.last.price, before);
        if (trade) ASSERT_TRUE(trade->price == listing.book.bid || trade->price == listing.book.ask);
    }
}

TEST(Market, PinnedPricesHoldWhileUpdateIdsGoOn) {
    auto market = make_market();
    ASSERT_TRUE(market.pin("BTCUSDT", amount("50000"), amount("50000.01"), at(0)));
    const auto pinned_at = market.find("BTCUSDT")->book.update_id;
    for (int i = 0; i < 100; ++i) market.step("BTCUSDT", at(i));
    EXPECT_EQ(market.find("BTCUSDT")->book.bid, amount("50000"));
    EXPECT_EQ(market.find("BTCUSDT")->last.price, amount("50000"));
    EXPECT_GT(market.find("BTCUSDT")->book.update_id, pinned_at);
    EXPECT_FALSE(market.pin("NOPE", amount("1"), amount("2"), at(0)));
}

TEST(Market, DelistedSymbolDoesNotMove) {
    auto market = make_market();
    const auto before = market.find("BTCRUB")->book.update_id;
    market.step("BTCRUB", at(1));
    EXPECT_EQ(market.find("BTCRUB")->book.update_id, before);
}

TEST(Instruments, QuoteIsFoundByItsSuffix) {
    EXPECT_EQ(split_symbol("NKNUSDT"), (std::pair<std::string, std::string>{"NKN", "USDT"}));
    EXPECT_EQ(split_symbol("RUNEEUR"), (std::pair<std::string, std::string>{"RUNE", "EUR"}));
    EXPECT_EQ(split_symbol("LTCBRL"), (std::pair<std::string, std::string>{"LTC", "BRL"}));
    EXPECT_FALSE(split_symbol("USDT"));
    EXPECT_FALSE(split_symbol("ABCXYZ"));
}
