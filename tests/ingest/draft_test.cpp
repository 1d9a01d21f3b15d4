#include "kurs/ingest/draft.hpp"

#include <gtest/gtest.h>

#include "support/market.hpp"

namespace kurs {
namespace {

using namespace testing;

struct DraftTest : ::testing::Test {
    MarketMap map = small_market();
    Draft draft{map, 10s, 0ms, {}, noon};

    /// All of Binance's directions that need no rouble.
    DraftUpdate price_binance(TimePoint at) {
        return draft.apply({last_price(btcusdt, "60000", at), last_price(usdcusdt, "1", at)}, at);
    }

    DraftUpdate price_coingecko(TimePoint at) {
        return draft.apply({last_price(bitcoin_usd, "60000", at), last_price(bitcoin_rub, "4800000", at),
                            last_price(tether_usd, "1", at), last_price(tether_rub, "80", at)},
                           at);
    }
};

TEST_F(DraftTest, TicksBecomeOneChangeAndTheFirstVenueBecomesActive) {
    const auto update = price_binance(noon);
    EXPECT_EQ(update.change.quotes.size(), 2u);
    ASSERT_TRUE(update.active);
    EXPECT_EQ(update.active->to, binance);
    ASSERT_TRUE(update.change.active);
    EXPECT_EQ(update.change.active->at, noon);
}

TEST_F(DraftTest, ARefusedTickIsNamedAndChangesNothing) {
    price_binance(noon);
    const auto update = draft.apply({last_price(btcusdt, "1", noon + 1s)}, noon + 1s);
    ASSERT_EQ(update.refused.size(), 1u);
    EXPECT_EQ(update.refused[0].reason, errc::jump);
    EXPECT_TRUE(update.change.is_empty());
}

TEST_F(DraftTest, TheActiveVenueIsLeftJustBeforeItGoesStale) {
    price_binance(noon);
    price_coingecko(noon);
    EXPECT_TRUE(draft.follow_time(noon + 4'949ms).change.is_empty());
    const auto update = draft.follow_time(noon + 4'950ms);
    ASSERT_TRUE(update.active);
    EXPECT_EQ(update.active->from, binance);
    EXPECT_EQ(update.active->to, coingecko);
}

TEST_F(DraftTest, TheActiveVenueIsChosenForTheServingTime) {
    Draft delayed(map, 10s, 150ms, {}, noon);
    delayed.apply({last_price(btcusdt, "60000", noon), last_price(usdcusdt, "1", noon)}, noon);
    delayed.apply({last_price(bitcoin_usd, "60000", noon)}, noon);
    EXPECT_FALSE(delayed.follow_time(noon + 4'799ms).active);
    const auto update = delayed.follow_time(noon + 4'800ms);
    ASSERT_TRUE(update.change.active);
    EXPECT_EQ(update.change.active->at, noon + 4'950ms);
}

TEST_F(DraftTest, WaitsUntilTheFirstQuoteGoesStale) {
    EXPECT_EQ(draft.until_next_change(noon), 100ms) << "no venue is active";
    price_binance(noon);
    EXPECT_EQ(draft.until_next_change(noon), 100ms);
    EXPECT_EQ(draft.until_next_change(noon + 4'920ms), 30ms);
    EXPECT_EQ(draft.until_next_change(noon + 4'970ms), 30ms) << "no other venue serves more";
    EXPECT_EQ(draft.until_next_change(noon + 6s), 100ms);
}

TEST_F(DraftTest, DirectionsOfASymbolThatIsNotTradingAreLost) {
    price_binance(noon);
    const auto update = draft.set_trading(usdcusdt, false, noon);
    ASSERT_TRUE(update);
    EXPECT_EQ(update->change.lost.size(), 2u);
    EXPECT_FALSE(draft.set_trading(usdcusdt, false, noon)) << "no news";
    EXPECT_TRUE(draft.apply({last_price(usdcusdt, "1", noon + 1s)}, noon + 1s).change.is_empty());
    EXPECT_TRUE(draft.set_trading(usdcusdt, true, noon + 2s));
    EXPECT_FALSE(draft.apply({last_price(usdcusdt, "1", noon + 3s)}, noon + 3s).change.quotes.empty());
}

TEST_F(DraftTest, OnlyServedSeriesCanBeLost) {
    const auto update = draft.set_trading(usdcusdt, false, noon);
    ASSERT_TRUE(update);
    EXPECT_TRUE(update->change.lost.empty());
}

TEST_F(DraftTest, StartsFromThePublishedBoard) {
    price_binance(noon);
    price_coingecko(noon);
    const auto published = draft.restore({}, noon);
    Draft next(map, 10s, 0ms, published, noon + 1s);
    EXPECT_FALSE(next.follow_time(noon + 1s).active) << "the same venue is active";
    const auto update = next.apply({last_price(btcusdt, "60001", noon + 1s)}, noon + 1s);
    EXPECT_FALSE(update.change.quotes.empty()) << "the other leg is known";
}

TEST_F(DraftTest, ARestartKeepsTheNewestConfirmation) {
    price_binance(noon);
    auto official = last_price(cbr_usd, "80", noon - 12h);
    official.confirmation = Confirmation{{}, noon};
    draft.apply({official}, noon);
    auto published = draft.restore({}, noon);
    ASSERT_FALSE(published.quotes.empty());
    published.quotes.push_back(published.quotes.front());
    published.quotes.back().direction = btc_usd;
    published.quotes.back().legs.back().confirmation->at = noon + 1s;
    Draft next(map, 10s, 0ms, published, noon + 1s);
    const auto update = next.apply({last_price(btcusdt, "60000", noon + 2s)}, noon + 2s);
    const auto found = std::ranges::find(update.change.quotes, btc_rub, &Quote::direction);
    ASSERT_NE(found, update.change.quotes.end());
    EXPECT_EQ(found->legs.back().confirmation->at, noon + 1s);
}

TEST_F(DraftTest, RestoredTicksKeepTheirAgeAndAreReplacedByNewerOnes) {
    draft.apply({last_price(btcusdt, "60000", noon)}, noon);
    const auto board =
        draft.restore({last_price(btcusdt, "50000", noon - 2s), last_price(usdcusdt, "1", noon - 2s)}, noon);
    EXPECT_TRUE(board.is_snapshot);
    const auto quote = std::ranges::find(board.quotes, btc_usd, &Quote::direction);
    ASSERT_NE(quote, board.quotes.end());
    EXPECT_EQ(to_string(quote->value), "60000");
    EXPECT_EQ(quote->observed_at, noon - 2s);
}

TEST_F(DraftTest, TheNewestRestoredTickOfASymbolCounts) {
    const auto board =
        draft.restore({last_price(btcusdt, "50000", noon - 3s), last_price(usdcusdt, "1", noon),
                       last_price(btcusdt, "60000", noon - 1s), last_price(btcusdt, "55000", noon - 2s)},
                      noon);
    const auto quote = std::ranges::find(board.quotes, btc_usd, &Quote::direction);
    ASSERT_NE(quote, board.quotes.end());
    EXPECT_EQ(to_string(quote->value), "60000");
}

TEST_F(DraftTest, AnOlderRestoredTickDoesNotReplaceARefusedOne) {
    const auto board =
        draft.restore({last_price(btcusdt, "60000", noon), last_price(usdcusdt, "1", noon - 2s),
                       last_price(usdcusdt, "0.5", noon - 1s)},
                      noon);
    EXPECT_EQ(std::ranges::find(board.quotes, btc_usd, &Quote::direction), board.quotes.end());
}

TEST_F(DraftTest, AStandbyIsNeededWhileAPreferredVenueIsShort) {
    EXPECT_TRUE(draft.is_needed(coingecko, noon));
    price_coingecko(noon);
    price_binance(noon);
    EXPECT_TRUE(draft.is_needed(binance, noon));
    EXPECT_FALSE(draft.is_needed(coingecko, noon));
    EXPECT_TRUE(draft.is_needed(coingecko, noon + 3s)) << "stale within two seconds";
}

TEST_F(DraftTest, AVenueThatClientsRequestIsNeededForTwoMinutes) {
    price_coingecko(noon);
    price_binance(noon);
    draft.note_wanted(coingecko, noon);
    EXPECT_TRUE(draft.is_needed(coingecko, noon));
    price_binance(noon + 2min - 1ms);
    EXPECT_TRUE(draft.is_needed(coingecko, noon + 2min - 1ms));
    price_coingecko(noon + 2min);
    price_binance(noon + 2min);
    EXPECT_FALSE(draft.is_needed(coingecko, noon + 2min));
}

/// A third venue, and venues that differ by at most 0.5 %.
MarketMap judged_market() {
    auto map = small_market();
    map.exchangers.push_back(cbr);
    map.symbols.push_back({cbr, "BTC/USD", "BTC", "USD", {5s, 20, {}, {}}});
    map.routes.push_back({cbr, btc_usd, {{SymbolId{7}, false, 5s}}, {}});
    map.allowances = {std::nullopt, 5'000, std::nullopt};
    return map;
}

struct JudgedDraftTest : ::testing::Test {
    static constexpr SymbolId third{7};
    MarketMap map = judged_market();
    Draft draft{map, 10s, 0ms, {}, noon};

    /// BTC-USD of the three venues.
    DraftUpdate price(std::string_view first, std::string_view second, std::string_view other, TimePoint at) {
        return draft.apply({last_price(btcusdt, first, at), last_price(usdcusdt, "1", at),
                            last_price(bitcoin_usd, second, at), last_price(third, other, at)},
                           at);
    }

    static std::string dispute_in(const DraftUpdate& update, VenueId venue) {
        const auto is_it = [venue](const Quote& quote) {
            return quote.venue == venue && quote.direction == btc_usd;
        };
        const auto found = std::ranges::find_if(update.change.quotes, is_it);
        return found == update.change.quotes.end() ? "absent" : found->dispute;
    }
};

TEST_F(JudgedDraftTest, AVenueThatTheOthersContradictIsWithheldInTheSameChange) {
    EXPECT_EQ(dispute_in(price("60000", "60010", "60020", noon), binance), "");
    const auto update = price("61000", "60010", "60020", noon + 1s);
    EXPECT_NE(dispute_in(update, binance), "");
    EXPECT_EQ(dispute_in(update, coingecko), "");
    ASSERT_EQ(update.standings.size(), 1U);
    EXPECT_EQ(update.standings[0].before, Standing::trusted);
    EXPECT_EQ(update.standings[0].verdict.standing, Standing::doubted);
}

TEST_F(JudgedDraftTest, TimeAloneMakesADoubtADispute) {
    price("60000", "60010", "60020", noon);
    price("61000", "60010", "60020", noon + 1s);
    EXPECT_TRUE(draft.follow_time(noon + 2s).standings.empty());
    const auto update = draft.follow_time(noon + 3s);
    ASSERT_EQ(update.standings.size(), 1U);
    EXPECT_EQ(update.standings[0].verdict.standing, Standing::disputed);
    EXPECT_NE(dispute_in(update, binance), "absent") << "its reason is told";
}

TEST_F(JudgedDraftTest, AFirstValueThatIsWrongDoesNotShutOutTheRightOne) {
    draft.apply({last_price(bitcoin_usd, "60010", noon), last_price(third, "60020", noon)}, noon);
    const auto wrong = draft.apply({last_price(btcusdt, "60", noon), last_price(usdcusdt, "1", noon)}, noon);
    EXPECT_NE(dispute_in(wrong, binance), "");
    const auto right = draft.apply({last_price(btcusdt, "60000", noon + 1s)}, noon + 1s);
    EXPECT_TRUE(right.refused.empty());
    EXPECT_EQ(dispute_in(right, binance), "");
}

TEST_F(JudgedDraftTest, ANewDraftWithholdsWhatTheBoardWithheld) {
    price("60000", "60010", "60020", noon);
    price("61000", "60010", "60020", noon + 1s);
    Draft next(map, 10s, 0ms, draft.restore({}, noon + 1s), noon + 2s);
    EXPECT_TRUE(next.follow_time(noon + 2s).change.quotes.empty()) << "no news";
    const auto published = next.restore({}, noon + 2s);
    const auto is_it = [](const Quote& quote) {
        return quote.venue == binance && quote.direction == btc_usd;
    };
    EXPECT_TRUE(std::ranges::find_if(published.quotes, is_it)->is_disputed());
}

TEST_F(JudgedDraftTest, ANewDraftPublishesWhatItJudgesOtherwise) {
    price("60000", "60010", "60020", noon);
    auto published = draft.restore({}, noon);
    for (auto& quote : published.quotes)
        if (quote.direction == btc_usd) quote.dispute = "1 % above the others";
    Draft next(map, 10s, 0ms, published, noon + 1s);
    const auto update = next.follow_time(noon + 1s);
    EXPECT_EQ(update.change.quotes.size(), 3U);
    EXPECT_EQ(dispute_in(update, binance), "");
}

TEST_F(JudgedDraftTest, ALoneVenueThatWasServedIsServedByTheNextWriterAndAfterARestart) {
    const auto has_dispute = [](const BoardChange& board) {
        return std::ranges::any_of(board.quotes, &Quote::is_disputed);
    };
    draft.apply({last_price(third, "60000", noon)}, noon);
    const auto withheld = draft.restore({}, noon);
    EXPECT_TRUE(has_dispute(withheld)) << "a first value";
    auto served = withheld;
    for (auto& quote : served.quotes) quote.dispute.clear();
    Draft next(map, 10s, 0ms, served, noon + 1s);
    EXPECT_FALSE(has_dispute(next.restore({}, noon + 1s)));
    Draft withholding(map, 10s, 0ms, withheld, noon + 1s);
    EXPECT_TRUE(has_dispute(withholding.restore({}, noon + 1s)));
    Draft restarted(map, 10s, 0ms, {}, noon + 1s);
    EXPECT_FALSE(has_dispute(restarted.restore({last_price(third, "60000", noon)}, noon + 1s)));
}

TEST_F(JudgedDraftTest, DirectionsWithoutAnAllowanceAreNotCompared) {
    map.allowances[1].reset();
    Draft free(map, 10s, 0ms, {}, noon);
    const auto update = free.apply(
        {last_price(btcusdt, "60", noon), last_price(usdcusdt, "1", noon), last_price(third, "60020", noon)},
        noon);
    EXPECT_EQ(dispute_in(update, binance), "");
}

/// The three venues and their consensus on BTC-USD.
struct AgreedDraftTest : ::testing::Test {
    static MarketMap agreed_market() {
        auto map = judged_market();
        map.venues.emplace_back("consensus");
        map.exchangers.push_back(consensus);
        map.consensus = consensus;
        map.routes.push_back({consensus, btc_usd, {}, {}});
        return map;
    }

    static std::string value_in(const DraftUpdate& update) {
        const auto found = std::ranges::find(update.change.quotes, consensus, &Quote::venue);
        return found == update.change.quotes.end() ? "absent" : to_string(found->value);
    }

    static constexpr SymbolId third{7};
    static constexpr VenueId consensus{3};
    MarketMap map = agreed_market();
    Draft draft{map, 10s, 0ms, {}, noon};

    DraftUpdate price(std::string_view first, std::string_view second, std::string_view other, TimePoint at) {
        return draft.apply({last_price(btcusdt, first, at), last_price(usdcusdt, "1", at),
                            last_price(bitcoin_usd, second, at), last_price(third, other, at)},
                           at);
    }
};

TEST_F(AgreedDraftTest, TheConsensusChangesWithTheOthers) {
    EXPECT_EQ(value_in(price("60000", "60010", "60020", noon)), "60010");
    EXPECT_EQ(value_in(draft.apply({last_price(third, "60005", noon + 1s)}, noon + 1s)), "60005");
    EXPECT_EQ(value_in(draft.apply({last_price(bitcoin_rub, "4800000", noon + 1s)}, noon + 1s)), "absent")
        << "another direction";
}

TEST_F(AgreedDraftTest, ADisputedQuoteDoesNotCount) {
    price("60000", "60010", "60020", noon);
    EXPECT_EQ(value_in(price("61000", "60010", "60020", noon + 1s)), "60015");
}

TEST_F(AgreedDraftTest, TheConsensusIsLostWhenFewerThanTwoAreLeft) {
    price("60000", "60010", "60020", noon);
    draft.set_trading(third, false, noon + 1s);
    const auto update = draft.set_trading(bitcoin_usd, false, noon + 1s);
    const LostDirection lost{consensus, btc_usd};
    EXPECT_EQ(std::ranges::count(update->change.lost, lost), 1);
    EXPECT_FALSE(draft.set_trading(bitcoin_usd, false, noon + 1s)) << "lost once";
}

TEST_F(AgreedDraftTest, AQuoteThatIsAboutToBecomeStaleDoesNotCount) {
    price("60000", "60010", "60020", noon);
    const auto update = draft.apply({last_price(third, "60020", noon + 4s)}, noon + 4s);
    EXPECT_EQ(value_in(update), "60015") << "Binance has a second left";
}

TEST_F(AgreedDraftTest, AStandbyIsNeededWhileAConsensusInUseIsShort) {
    price("60000", "60010", "60020", noon);
    draft.apply({last_price(tether_usd, "1", noon), last_price(tether_rub, "80", noon)}, noon);
    draft.note_wanted(consensus, noon);
    EXPECT_FALSE(draft.is_needed(coingecko, noon)) << "all of the consensus is fresh";
    draft.set_trading(third, false, noon);
    draft.set_trading(bitcoin_usd, false, noon);
    EXPECT_TRUE(draft.is_needed(coingecko, noon));
}

}  // namespace
}  // namespace kurs
