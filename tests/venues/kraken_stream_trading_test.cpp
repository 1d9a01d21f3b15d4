#include "kraken_stream_fixture.hpp"

namespace kurs::kraken {
namespace {

struct KrakenStreamTradingTest : KrakenStreamTest {
    /// The snapshot of the channel `instrument`. All pairs are online.
    static std::string list_of_pairs(const std::vector<std::string>& symbols) {
        std::string pairs;
        for (const auto& symbol : symbols)
            pairs += (pairs.empty() ? "" : ",") + (R"({"symbol":")" + symbol + R"(","status":"online"})");
        return R"({"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[)" + pairs + "]}}";
    }
};

TEST_F(KrakenStreamTradingTest, TheListOfPairsIsRequestedUntilItComes) {
    on(heartbeat);
    const auto requests = [&](TimePoint from, Duration time) {
        std::vector<std::string> found;
        for (TimePoint now = from; now < from + time; now += 500ms) {
            for (const auto& reply : on(heartbeat, now).replies)
                if (reply.find("instrument") != std::string::npos) found.push_back(reply);
        }
        return found;
    };
    EXPECT_TRUE(requests(noon, 5s).empty());
    EXPECT_EQ(requests(noon + 5s, 5500ms).size(), 1U);
    on(R"({"method":"subscribe","result":{"channel":"instrument","snapshot":true},"success":true})",
       noon + 11s);
    const auto again = requests(noon + 11s, 2min);
    ASSERT_GE(again.size(), 4U);
    EXPECT_LE(again.size(), 10U);
    EXPECT_EQ(again[0], R"({"method":"unsubscribe","params":{"channel":"instrument"}})");
    EXPECT_EQ(again[1], R"({"method":"subscribe","params":{"channel":"instrument","snapshot":true}})");
    EXPECT_EQ(again[2], again[1]) << "nothing to unsubscribe from";
    on(instrument("BTC/USD", "online"), noon + 3min);
    EXPECT_FALSE(requests(noon + 3min, 2min).empty()) << "an update is not the list";
    on(list_of_pairs({"BTC/USD", "ETH/USD", "USDT/USD", "USDC/USD", "DOGE/USD"}), noon + 5min);
    EXPECT_TRUE(requests(noon + 5min, 5min).empty());
}

TEST_F(KrakenStreamTradingTest, WithoutMatchingEverySymbolIsHalted) {
    const auto trading = [&](std::string_view system) {
        const auto listings = on(status(system)).listings;
        EXPECT_EQ(listings.size(), 4U);
        return std::ranges::count_if(listings, &Listing::is_trading);
    };
    EXPECT_EQ(trading("online"), 4);
    for (const auto* system : {"maintenance", "cancel_only", "post_only", "something new"}) {
        EXPECT_EQ(trading(system), 0) << system;
        EXPECT_EQ(on(status(system)).listings[0].status, "system " + std::string(system));
    }
    EXPECT_EQ(trading("limit_only"), 4) << "orders are matched";
    EXPECT_EQ(on(status("maintenance")).note, "system status maintenance");
    EXPECT_EQ(on(status("maintenance")).note, "");
    EXPECT_FALSE(on(status("online")).farewell) << "the connection is as good as before";
}

TEST_F(KrakenStreamTradingTest, ADelistedPairIsLeftOutOfTheNextSession) {
    const auto outcome = on(instrument("USDC/USD", "delisted"));
    ASSERT_EQ(outcome.listings.size(), 1U);
    EXPECT_EQ(outcome.listings[0].symbol, usdc);
    EXPECT_FALSE(outcome.listings[0].is_trading);
    EXPECT_EQ(outcome.listings[0].status, "delisted");
    ASSERT_TRUE(outcome.farewell);
    EXPECT_FALSE(outcome.farewell->is_permanent);
    EXPECT_TRUE(outcome.farewell->can_wait) << "two connections are not replaced at once";
    session = make_stream_session(state);
    EXPECT_EQ(session->symbols(), (std::vector{btc, eth, usdt}));
    EXPECT_EQ(session->on_open().at(1).find("USDC"), std::string::npos);
    EXPECT_TRUE(on(instrument("USDC/USD", "online")).farewell) << "listed again";
    EXPECT_EQ(make_stream_session(state)->symbols().size(), 4U);
}

TEST_F(KrakenStreamTradingTest, APairThatTwoListsOmitIsAbsent) {
    on(heartbeat);
    const auto short_list = list_of_pairs({"BTC/USD", "ETH/USD", "USDT/USD"});
    EXPECT_EQ(refusal(short_list), "venue_error USDC/USD absent");
    const auto again = on(heartbeat, noon + 10s).replies;
    EXPECT_EQ(
        std::ranges::count_if(
            again, [](const std::string& reply) { return reply.find("instrument") != std::string::npos; }),
        1)
        << "another list is requested";
    const auto outcome = on(short_list, noon + 11s);
    EXPECT_TRUE(outcome.refusals.empty());
    ASSERT_EQ(outcome.listings.size(), 4U);
    EXPECT_EQ(outcome.listings.back().symbol, usdc);
    EXPECT_FALSE(outcome.listings.back().is_trading);
    EXPECT_EQ(outcome.listings.back().status, "absent");
    EXPECT_TRUE(outcome.farewell);
    EXPECT_EQ(make_stream_session(state)->symbols(), (std::vector{btc, eth, usdt}));
}

TEST_F(KrakenStreamTradingTest, APairThatIsKnownToBeAbsentIsAbsentAtOnce) {
    other_source->source.set_pair(usdc, "absent");
    session = make_stream_session(state);
    const auto outcome = on(list_of_pairs({"BTC/USD", "ETH/USD", "USDT/USD"}));
    EXPECT_TRUE(outcome.refusals.empty());
    EXPECT_EQ(outcome.listings.back().status, "absent");
    other_source->source.set_pair(usdc, "online");  // from a cache
    EXPECT_FALSE(on(heartbeat).farewell) << "the session objects itself";
}

TEST_F(KrakenStreamTradingTest, APairThatOneListOmitsTradesOn) {
    const std::vector<std::string> all{"BTC/USD", "ETH/USD", "USDC/USD", "USDT/USD"};
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(refusal(list_of_pairs({all[0], all[1], all[2]})), "venue_error USDT/USD absent");
        if (i == 0) EXPECT_FALSE(on(list_of_pairs(all)).farewell);
        if (i == 1) EXPECT_FALSE(on(instrument("USDT/USD", "online")).farewell) << "an update names it, too";
    }
    EXPECT_EQ(refusal(list_of_pairs({all[0], all[1], all[2]})), "venue_error USDT/USD absent");
}

TEST_F(KrakenStreamTradingTest, ReadsEveryStatusOfAPair) {
    for (const auto* matching : {"online", "limit_only"})
        EXPECT_TRUE(on(instrument("BTC/USD", matching)).listings.at(0).is_trading) << matching;
    for (const auto* halted :
         {"cancel_only", "post_only", "reduce_only", "maintenance", "work_in_progress", "new"})
        EXPECT_FALSE(on(instrument("BTC/USD", halted)).listings.at(0).is_trading) << halted;
    EXPECT_TRUE(on(instrument("DOGE/USD", "delisted")).listings.empty()) << "no symbol of ours";
    EXPECT_EQ(
        refusal(
            R"({"channel":"instrument","type":"update","data":{"pairs":[{"symbol":"BTC/USD","status":7}]}})")
            .substr(0, 9),
        "malformed");
}

TEST_F(KrakenStreamTradingTest, ASessionWithoutTradedSymbolsKeepsItsConnection) {
    for (const SymbolId id : state->symbols()) other_source->source.set_pair(id, "maintenance");
    EXPECT_EQ(make_stream_session(state)->symbols().size(), 4U);
}

TEST_F(KrakenStreamTradingTest, ABookMakesNoPriceBeforeItsStatusIsKnown) {
    other_source.reset();
    EXPECT_TRUE(on(good_snapshot()).ticks.empty());
    EXPECT_TRUE(on(good_snapshot("ETH/USD")).ticks.empty());
    EXPECT_TRUE(on(heartbeat).ticks.empty());
    const auto named = on(instrument("BTC/USD", "online"), noon + 1s);
    ASSERT_EQ(named.ticks.size(), 1U) << "the held price, with its own time";
    EXPECT_EQ(named.ticks[0].symbol, btc);
    EXPECT_EQ(named.ticks[0].observed_at, noon);
    EXPECT_TRUE(on(heartbeat).ticks.empty()) << "once";
    EXPECT_EQ(on(update({bids[0]}, bids, noon + 2s), noon + 2s).ticks.size(), 1U);
    other_source.emplace(state);
    EXPECT_EQ(on(heartbeat).ticks.at(0).symbol, eth) << "named by REST";
}

TEST_F(KrakenStreamTradingTest, ABookThatBreaksTakesItsHeldPriceAlong) {
    other_source.reset();
    on(good_snapshot());
    on(book_frame("update", book_entry("BTC/USD", {bids[1]}, {}, 1, noon)));
    EXPECT_TRUE(on(instrument("BTC/USD", "online")).ticks.empty());
}

}  // namespace
}  // namespace kurs::kraken
