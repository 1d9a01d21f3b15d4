#include <gtest/gtest.h>

#include "kraken_fixture.hpp"
#include "venues/kraken/stream.hpp"

namespace kurs::kraken {
namespace {

const WrittenSide bids{{"85600.4", "0.20401971"}, {"85599.6", "0.04385864"}};
const WrittenSide asks{{"85600.5", "0.90679198"}, {"85601.6", "0.21608516"}};
const std::string heartbeat = R"({"channel":"heartbeat"})";

struct KrakenStreamTest : ::testing::Test {
    MarketMap map = dollar_books();
    std::shared_ptr<TradingState> state =
        std::make_shared<TradingState>(map, std::vector<SymbolId>{btc, eth, usdt, usdc});
    std::optional<AllOnline> listed{std::in_place, state};
    std::unique_ptr<StreamSession> session = make_stream_session(state);

    Outcome on(std::string_view frame, TimePoint at = noon) { return session->on_frame(frame, at); }

    std::string refusal(std::string_view frame, TimePoint at = noon) {
        const auto outcome = on(frame, at);
        EXPECT_TRUE(outcome.ticks.empty()) << frame;
        if (outcome.refusals.size() != 1) return std::to_string(outcome.refusals.size()) + " refusals";
        return std::string(to_string(outcome.refusals[0].reason)) + " " + outcome.refusals[0].what;
    }

    static std::string good_snapshot(std::string_view symbol = "BTC/USD", TimePoint at = noon) {
        return snapshot(symbol, bids, asks, at);
    }

    /// An update of the bids above, after which the book is `bids` and `asks`.
    static std::string update(const WrittenSide& changed_bids, const WrittenSide& all_bids, TimePoint at) {
        return book_frame("update", book_entry("BTC/USD", changed_bids, {}, checksum_of(all_bids, asks), at));
    }

    static std::string ack(std::string_view symbol, TimePoint at) {
        return R"({"method":"subscribe","result":{"channel":"book","depth":100,"snapshot":true,"symbol":")" +
               std::string(symbol) + R"("},"success":true,"time_in":")" + to_rfc3339(at) +
               R"(","time_out":")" + to_rfc3339(at) + R"("})";
    }

    static std::string refused_subscription(std::string_view symbol) {
        return R"({"error":"Currency pair not supported )" + std::string(symbol) +
               R"(","method":"subscribe","req_id":8,"success":false,"symbol":")" + std::string(symbol) +
               R"(","time_in":"2023-10-06T17:35:55.219022Z","time_out":"2023-10-06T17:35:55.219067Z"})";
    }

    static std::string status(std::string_view system) {
        return R"({"channel":"status","type":"update","data":[{"version":"2.0.10","system":")" +
               std::string(system) +
               R"(","api_version":"v2","connection_id":13834774380200032777,"upcoming_maintenance":[]}]})";
    }

    static std::string instrument(std::string_view symbol, std::string_view pair_status) {
        return R"({"channel":"instrument","type":"update","data":{"assets":[],"pairs":[{"symbol":")" +
               std::string(symbol) + R"(","status":")" + std::string(pair_status) +
               R"(","qty_increment":1e-08}]}})";
    }
};

TEST_F(KrakenStreamTest, SubscribesToEveryBookAndToTheStatusOfPairs) {
    const std::vector<std::string> expected{
        R"({"method":"subscribe","params":{"channel":"instrument","snapshot":true}})",
        R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD","USDC/USD","USDT/USD"],"depth":100,"snapshot":true}})"};
    EXPECT_EQ(session->on_open(), expected);
    EXPECT_EQ(session->request().target, "");
    EXPECT_EQ(session->symbols(), (std::vector{btc, eth, usdt, usdc}));
}

TEST_F(KrakenStreamTest, ReadsEveryDigitAndTheTimeToTheMicrosecond) {
    const auto outcome =
        on(snapshot("BTC/USD", {{"85600.400000001", "1.0"}}, {{"85600.5", "2.0"}}, noon), noon + 70ms);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "85600.400000001");
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "85600.5");
    EXPECT_EQ(outcome.ticks[0].symbol, btc);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon);
}

TEST_F(KrakenStreamTest, AnUpdateMovesTheTopOrConfirmsIt) {
    on(good_snapshot());
    const auto moved = on(update({{"85600.4", "0.00000000"}}, {bids[1]}, noon + 1s), noon + 1s).ticks.at(0);
    EXPECT_EQ(to_string(moved.bid), "85599.6");
    const WrittenSide deeper{bids[1], {"85590.0", "1.00000000"}};
    const auto confirmed = on(update({deeper[1]}, deeper, noon + 3s), noon + 3s).ticks.at(0);
    EXPECT_EQ(to_string(confirmed.bid), "85599.6");
    EXPECT_EQ(confirmed.observed_at, noon + 3s);
    EXPECT_GT(confirmed.sequence, moved.sequence);
}

TEST_F(KrakenStreamTest, ItsTimesOrderTheBooksOfTwoConnections) {
    const auto other = make_stream_session(state);
    const auto first = update({bids[0]}, bids, noon + 1s),
               second = update({{"85600.4", "0"}}, {bids[1]}, noon + 1s);
    on(good_snapshot());
    other->on_frame(good_snapshot(), noon);
    const auto here = std::pair{on(first).ticks.at(0).sequence, on(second).ticks.at(0).sequence};
    EXPECT_LT(here.first, here.second) << "the same time";
    const auto there = std::pair{other->on_frame(first, noon).ticks.at(0).sequence,
                                 other->on_frame(second, noon).ticks.at(0).sequence};
    EXPECT_EQ(here, there);
    const auto later = on(update({bids[0]}, bids, noon + 1001ms)).ticks.at(0).sequence;
    EXPECT_LT(here.second, later);
}

TEST_F(KrakenStreamTest, ChangesOfOneFrameApplyInOrder) {
    on(good_snapshot());
    const WrittenSide changes{{"85600.4", "0"}, {"85600.4", "3.00000000"}, {"85600.4", "0.5"}};
    EXPECT_EQ(on(update(changes, {{"85600.4", "0.5"}, bids[1]}, noon)).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, HeartbeatsProveNothing) {
    on(good_snapshot());
    const auto outcome = on(heartbeat, noon + 1s);
    EXPECT_TRUE(outcome.ticks.empty());
    EXPECT_TRUE(outcome.refusals.empty());
}

TEST_F(KrakenStreamTest, AnUpdateBeforeTheSnapshotIsRefused) {
    EXPECT_EQ(refusal(update({bids[0]}, bids, noon)), "out_of_order BTC/USD");
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, AWrongChecksumStopsTheSymbolUntilItsNextSnapshot) {
    on(good_snapshot());
    on(good_snapshot("ETH/USD"));
    const auto wrong = book_frame("update", book_entry("BTC/USD", {bids[1]}, {}, 1, noon));
    EXPECT_EQ(refusal(wrong), "malformed BTC/USD");
    EXPECT_EQ(refusal(update({bids[0]}, bids, noon)), "out_of_order BTC/USD");
    EXPECT_EQ(on(good_snapshot("ETH/USD")).ticks.size(), 1U);
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, ABrokenBookIsSubscribedToAgainEverMoreRarely) {
    on(heartbeat);
    const auto broken = book_frame("snapshot", book_entry("BTC/USD", bids, asks, 1, noon));
    std::vector<Duration> waits;
    TimePoint last = noon;
    for (TimePoint now = noon; now < noon + 5min; now += 500ms) {
        const auto replies = on(broken, now).replies;
        const auto about_btc = std::ranges::count_if(replies, [](const std::string& reply) {
            return reply.find(R"("subscribe")") != std::string::npos &&
                   reply.find("BTC") != std::string::npos;
        });
        if (about_btc > 0) waits.push_back(now - std::exchange(last, now));
    }
    ASSERT_GE(waits.size(), 8U);
    EXPECT_LE(waits.size(), 16U);
    EXPECT_LE(waits.front(), 1s);
    EXPECT_GE(waits.back(), 30s);
}

TEST_F(KrakenStreamTest, AQuietBookIsConfirmedByANewSubscription) {
    session->on_open();
    on(heartbeat);
    for (const auto* symbol : {"BTC/USD", "ETH/USD", "USDT/USD", "USDC/USD"}) on(good_snapshot(symbol));
    EXPECT_TRUE(on(heartbeat, noon + 1s).replies.empty());
    const std::vector<std::string> asked{
        R"({"method":"unsubscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":100}})",
        R"({"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD","ETH/USD"],"depth":100,"snapshot":true}})"};
    EXPECT_EQ(on(heartbeat, noon + 2s).replies, asked) << "age limit 5 s";
    EXPECT_TRUE(on(heartbeat, noon + 2500ms).replies.empty()) << "the answer is under way";
    const auto confirmed = on(good_snapshot("BTC/USD", noon + 2s), noon + 2600ms).ticks.at(0);
    EXPECT_EQ(confirmed.observed_at, noon + 2s);
    EXPECT_EQ(on(heartbeat, noon + 3s).replies.size(), 2U) << "USDT and USDC, age limit 10 s";
}

TEST_F(KrakenStreamTest, ConfirmationFitsIntoTheSilenceThatIsAllowed) {
    for (const SymbolId id : state->symbols()) {
        const Duration max_age = map.symbol(id).limits.max_age;
        const Duration heartbeat_period = 1s, path = 300ms;
        EXPECT_LE(max_age * 3 / 10 + heartbeat_period + path, max_age * 6 / 10) << map.symbol(id).name;
    }
}

TEST_F(KrakenStreamTest, ASnapshotIsNotOlderThanTheRequestThatItAnswers) {
    on(ack("BTC/USD", noon + 2s), noon + 2s);
    EXPECT_EQ(on(good_snapshot("BTC/USD", noon), noon + 2100ms).ticks.at(0).observed_at, noon + 2s);
    EXPECT_EQ(on(snapshot("BTC/USD", {bids[1]}, asks, noon), noon + 3s).ticks.at(0).observed_at, noon)
        << "a request dates only the first snapshot";
}

TEST_F(KrakenStreamTest, AnUndatedSnapshotIsDatedByItsRequestOrMakesNoPrice) {
    auto undated = good_snapshot();
    undated.replace(undated.find(R"(,"timestamp")"), 39, "");
    ASSERT_TRUE(undated.ends_with("}]}")) << undated;
    EXPECT_EQ(refusal(undated), "malformed BTC/USD");
    EXPECT_EQ(on(update({bids[0]}, bids, noon)).ticks.size(), 1U) << "the book is good";
    on(ack("BTC/USD", noon + 2s), noon + 2s);
    EXPECT_EQ(on(undated, noon + 3s).ticks.at(0).observed_at, noon + 2s);
}

TEST_F(KrakenStreamTest, ARequestConfirmsABookWithoutChangingItsOrder) {
    const auto first = on(good_snapshot()).ticks.at(0);
    on(ack("BTC/USD", noon + 2s), noon + 2s);
    const auto again = on(good_snapshot(), noon + 2100ms).ticks.at(0);
    EXPECT_EQ(again.observed_at, noon + 2s);
    EXPECT_EQ(again.sequence, first.sequence);
    const auto later = on(good_snapshot("BTC/USD", noon + 3s), noon + 3s).ticks.at(0);
    EXPECT_EQ(later.observed_at, noon + 3s);
    EXPECT_EQ(later.sequence, first.sequence) << "the same price";
    EXPECT_EQ(on(good_snapshot(), noon + 3s).ticks.at(0).observed_at, noon + 3s) << "never back in time";
}

TEST_F(KrakenStreamTest, AFrozenServerDoesNotOutrankTheOtherConnection) {
    const auto other = make_stream_session(state);
    on(good_snapshot());
    other->on_frame(good_snapshot(), noon);
    const auto moved = update({{"85600.4", "0"}}, {bids[1]}, noon + 1s);
    const auto news = other->on_frame(moved, noon + 1s).ticks.at(0);
    on(ack("BTC/USD", noon + 3s), noon + 3s);
    EXPECT_LT(on(good_snapshot(), noon + 3s).ticks.at(0).sequence, news.sequence);
    on(ack("BTC/USD", noon + 6s), noon + 6s);
    const auto old = snapshot("BTC/USD", {bids[1]}, asks, noon + 500ms);
    EXPECT_LT(on(old, noon + 6s).ticks.at(0).sequence, news.sequence) << "another old book";
}

TEST_F(KrakenStreamTest, AnOlderSnapshotStaysBehindTheConnectionsOwnUpdates) {
    on(good_snapshot());
    const auto news = on(update({{"85600.4", "0"}}, {bids[1]}, noon + 1s), noon + 1s).ticks.at(0);
    on(ack("BTC/USD", noon + 3s), noon + 3s);
    EXPECT_LT(on(good_snapshot("BTC/USD", noon + 500ms), noon + 3s).ticks.at(0).sequence, news.sequence);
    const auto next = on(update({bids[0]}, bids, noon + 4s), noon + 4s).ticks.at(0);
    EXPECT_GT(next.sequence, news.sequence);
}

TEST_F(KrakenStreamTest, TenSnapshotsWithoutAnUpdateConfirmAndNoMore) {
    TimePoint now = noon;
    for (int i = 0; i < 10; ++i, now += 2s)
        EXPECT_EQ(on(good_snapshot("BTC/USD", now), now).ticks.size(), 1U) << i;
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", now), now), "out_of_order BTC/USD");
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", now), now), "out_of_order BTC/USD");
    EXPECT_EQ(on(update({bids[0]}, bids, now), now).ticks.size(), 1U);
    EXPECT_EQ(on(good_snapshot("BTC/USD", now), now).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, ATimeAheadIsNoTime) {
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", noon + 11s)), "malformed BTC/USD");
    on(ack("BTC/USD", noon + 11s));
    EXPECT_EQ(refusal(good_snapshot()), "malformed BTC/USD") << "the time of the request";
    EXPECT_EQ(on(good_snapshot("BTC/USD", noon + 900ms)).ticks.at(0).observed_at, noon) << "clocks differ";
}

TEST_F(KrakenStreamTest, OneSidedEmptyAndCrossedBooksMakeNoPrice) {
    EXPECT_EQ(refusal(snapshot("BTC/USD", {}, {}, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", bids, {}, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", {}, asks, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", {{"85600.6", "1.0"}}, asks, noon)), "crossed BTC/USD");
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, ABookThatCrossesAndUncrossesNeedsNoSnapshot) {
    on(good_snapshot());
    const WrittenSide crossing{{"85600.6", "1.0"}, bids[0], bids[1]};
    EXPECT_EQ(refusal(update({crossing[0]}, crossing, noon)), "crossed BTC/USD");
    EXPECT_EQ(on(update({{"85600.6", "0"}}, bids, noon)).ticks.size(), 1U);
}

TEST_F(KrakenStreamTest, ANumberWithAnExponentIsExact) {
    const WrittenSide plain{{"85600.4", "0.00005100"}, {"85599.6", "2.00000000"}};
    const WrittenSide mixed{{"85600.4", "5.1e-05"}, {"8.55996E4", "2e0"}};
    on(good_snapshot());
    const auto outcome =
        on(book_frame("update", book_entry("BTC/USD", mixed, {}, checksum_of(plain, asks), noon)));
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "85600.4");
}

TEST_F(KrakenStreamTest, AnExponentMayComeBeforeTheFirstPlainNumber) {
    const WrittenSide plain{{"85600.4", "0.00005100"}, {"85599.6", "2.00000000"}};
    const WrittenSide mixed{{"8.56004e4", "5.1e-05"}, {"8.55996E4", "2e0"}};
    const auto outcome =
        on(book_frame("snapshot", book_entry("BTC/USD", mixed, asks, checksum_of(plain, asks), noon)));
    EXPECT_EQ(outcome.ticks.size(), 1U);
    session = make_stream_session(state);
    const WrittenSide round{{"8.56e4", "1e0"}, {"85599.6", "2.00000000"}};
    const WrittenSide round_plain{{"85600.0", "1.00000000"}, {"85599.6", "2.00000000"}};
    EXPECT_EQ(
        on(book_frame("snapshot", book_entry("BTC/USD", round, asks, checksum_of(round_plain, asks), noon)))
            .ticks.size(),
        1U);
}

TEST_F(KrakenStreamTest, OddNumbersCostOnlyTheirSymbol) {
    for (const auto* odd : {"NaN", "null", "\"85600.4\"", "-85600.4", "0", "0.0", "[]", "{}", "true", "1e99",
                            "1e", "--1", "999999999999999999999999999999"}) {
        for (const WrittenLevel& level : {WrittenLevel{odd, "1.0"}, WrittenLevel{"85600.4", odd}}) {
            const std::string_view zero(odd);
            if (level.quantity == odd && (zero == "0" || zero == "0.0")) continue;  // removes the level
            session = make_stream_session(state);
            const auto entries = book_entry("BTC/USD", {level}, asks, checksum_of({level}, asks), noon) +
                                 "," + book_entry("ETH/USD", bids, asks, checksum_of(bids, asks), noon);
            const auto outcome = on(book_frame("snapshot", entries));
            ASSERT_EQ(outcome.ticks.size(), 1U) << written({level});
            EXPECT_EQ(outcome.ticks[0].symbol, eth);
            ASSERT_EQ(outcome.refusals.size(), 1U) << written({level});
            EXPECT_EQ(outcome.refusals[0].what, "BTC/USD");
        }
    }
}

TEST_F(KrakenStreamTest, OddMembersCostOnlyTheirSymbol) {
    const std::string good = book_entry("ETH/USD", bids, asks, checksum_of(bids, asks), noon);
    const std::string base = book_entry("BTC/USD", bids, asks, checksum_of(bids, asks), noon);
    const auto all_of = [&](const std::string& key) {
        const auto begin = base.find('"' + key + "\":") + key.size() + 3;
        const char open = base[begin];
        const auto end =
            open == '[' ? base.find(']', begin) + 1 : std::min(base.find(',', begin), base.size() - 1);
        return std::pair{begin, end - begin};
    };
    for (const std::string key : {"symbol", "bids", "asks", "checksum", "timestamp"}) {
        for (const auto* odd : {"null", "7.5", "true", "{}", "[[]]", "[null]", "[7]", "{\"a\":[1]}", "-1",
                                "\"x\"", "99999999999"}) {
            session = make_stream_session(state);
            auto entry = base;
            const auto [begin, length] = all_of(key);
            entry.replace(begin, length, odd);
            const auto outcome = on(book_frame("snapshot", entry + "," + good));
            ASSERT_EQ(outcome.ticks.size(), 1U) << entry;
            EXPECT_EQ(outcome.ticks[0].symbol, eth);
            EXPECT_EQ(outcome.refusals.size(), 1U) << entry;
        }
    }
    for (const auto* entry : {"null", "7", "[]", "{}", "\"BTC/USD\""}) {
        const auto outcome = on(book_frame("snapshot", std::string(entry) + "," + good));
        EXPECT_EQ(outcome.ticks.size(), 1U) << entry;
        EXPECT_EQ(outcome.refusals.size(), 1U) << entry;
    }
}

TEST_F(KrakenStreamTest, MembersMayComeInAnyOrder) {
    const auto entry = book_entry("BTC/USD", bids, asks, checksum_of(bids, asks), noon);
    EXPECT_EQ(
        on(R"({"data":[)" + entry + R"(],"x":{"y":[1]},"type":"snapshot","channel":"book"})").ticks.size(),
        1U);
    EXPECT_EQ(
        on(R"({ "type" : "snapshot" , "data" : [ )" + entry + R"( ] , "channel" : "book" })").ticks.size(),
        1U);
    const std::string reversed =
        R"({"time_in":"2026-11-21T12:00:02Z","success":true,"result":{"symbol":"BTC/USD","x":[],"channel":"book"},"method":"subscribe"})";
    EXPECT_TRUE(on(reversed, noon + 2s).refusals.empty());
    EXPECT_EQ(on(good_snapshot(), noon + 3s).ticks.at(0).observed_at, noon + 2s);
}

TEST_F(KrakenStreamTest, TheBookIsCutToItsDepth) {
    WrittenSide all;
    for (int i = 0; i < 100; ++i) all.push_back({std::to_string(85600 - i) + ".0", "1.00000000"});
    on(snapshot("BTC/USD", all, asks, noon));
    // Level 101 is pushed out without a word. When the new one goes, level 100 is there again by an update.
    WrittenSide more = all;
    more.insert(more.begin(), {"85600.1", "1.00000000"});
    EXPECT_EQ(on(update({more[0]}, more, noon)).ticks.size(), 1U);
    WrittenSide few(all.begin() + 95, all.begin() + 99);
    WrittenSide removals{{"85600.1", "0"}};
    for (int i = 0; i < 95; ++i) removals.push_back({all[static_cast<std::size_t>(i)].price, "0"});
    EXPECT_EQ(on(update(removals, few, noon)).ticks.size(), 1U) << "85501.0 was cut";
}

TEST_F(KrakenStreamTest, ARefusedSubscriptionCostsOnlyItsSymbolAndIsRepeated) {
    on(heartbeat);
    EXPECT_EQ(refusal(refused_subscription("BTC/USD")),
              "venue_error BTC/USD: Currency pair not supported BTC/USD");
    EXPECT_EQ(on(good_snapshot("ETH/USD")).ticks.size(), 1U);
    const auto again = on(heartbeat, noon + 1s).replies;
    ASSERT_EQ(again.size(), 1U) << "nothing to unsubscribe from";
    EXPECT_NE(again[0].find(R"("symbol":["BTC/USD"])"), std::string::npos);
    EXPECT_EQ(refusal(refused_subscription("XBT/USD")),
              "venue_error subscribe: Currency pair not supported XBT/USD");
}

TEST_F(KrakenStreamTest, ASubscriptionThatExistsIsCancelledBeforeTheNext) {
    on(heartbeat);
    EXPECT_EQ(
        refusal(R"({"error":"Already subscribed","method":"subscribe","success":false,"symbol":"BTC/USD"})"),
        "venue_error BTC/USD: Already subscribed");
    const auto again = on(heartbeat, noon + 1s).replies;
    ASSERT_EQ(again.size(), 2U);
    EXPECT_NE(again[0].find(R"("unsubscribe")"), std::string::npos);
    EXPECT_NE(again[0].find(R"("symbol":["BTC/USD"])"), std::string::npos);
}

TEST_F(KrakenStreamTest, TheListOfPairsIsRequestedUntilItComes) {
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
    auto list = instrument("BTC/USD", "online");
    list.replace(list.find(R"("update")"), 8, R"("snapshot")");
    on(list, noon + 5min);
    EXPECT_TRUE(requests(noon + 5min, 5min).empty());
}

TEST_F(KrakenStreamTest, AcceptsAcknowledgementsAndPongs) {
    EXPECT_TRUE(on(ack("BTC/USD", noon)).refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"pong","req_id":101,"time_in":"2023-09-24T14:10:23.799685Z"})").refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"unsubscribe","result":{"channel":"book","depth":100,"symbol":"BTC/USD"},"success":true})")
            .refusals.empty());
    EXPECT_TRUE(
        on(R"({"method":"subscribe","result":{"channel":"instrument","snapshot":true},"success":true})")
            .refusals.empty());
    EXPECT_TRUE(on(R"({"method":"subscribe","result":null,"success":true})").refusals.empty());
    EXPECT_EQ(refusal(R"({"method":"subscribe","success":"yes"})"), "venue_error subscribe: ");
}

TEST_F(KrakenStreamTest, AComplaintAboutTheRateSilencesTheSessionForAMinute) {
    on(good_snapshot());
    EXPECT_EQ(refusal(R"({"Error":"Exceeded msg rate"})"), "venue_error Exceeded msg rate");
    for (Duration after = 0s; after < 60s; after += 1s)
        EXPECT_TRUE(on(heartbeat, noon + after).replies.empty());
    EXPECT_FALSE(on(heartbeat, noon + 60s).replies.empty());
}

TEST_F(KrakenStreamTest, WithoutMatchingEverySymbolIsHalted) {
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

TEST_F(KrakenStreamTest, ADelistedPairIsLeftOutOfTheNextSession) {
    const auto outcome = on(instrument("USDC/USD", "delisted"));
    ASSERT_EQ(outcome.listings.size(), 1U);
    EXPECT_EQ(outcome.listings[0].symbol, usdc);
    EXPECT_FALSE(outcome.listings[0].is_trading);
    EXPECT_EQ(outcome.listings[0].status, "delisted");
    ASSERT_TRUE(outcome.farewell);
    EXPECT_FALSE(outcome.farewell->is_permanent);
    EXPECT_TRUE(outcome.farewell->can_wait) << "two connections are not replaced at once";
    session = Streams(state).make_session();
    EXPECT_EQ(session->symbols(), (std::vector{btc, eth, usdt}));
    EXPECT_EQ(session->on_open().at(1).find("USDC"), std::string::npos);
    EXPECT_TRUE(on(instrument("USDC/USD", "online")).farewell) << "listed again";
    EXPECT_EQ(Streams(state).make_session()->symbols().size(), 4U);
}

TEST_F(KrakenStreamTest, ReadsEveryStatusOfAPair) {
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

TEST_F(KrakenStreamTest, ASessionWithoutTradedSymbolsKeepsItsConnection) {
    for (const SymbolId id : state->symbols()) listed->source.set_pair(id, "maintenance");
    EXPECT_EQ(make_stream_session(state)->symbols().size(), 4U);
}

TEST_F(KrakenStreamTest, ABookMakesNoPriceBeforeItsStatusIsKnown) {
    listed.reset();
    EXPECT_TRUE(on(good_snapshot()).ticks.empty());
    EXPECT_TRUE(on(good_snapshot("ETH/USD")).ticks.empty());
    EXPECT_TRUE(on(heartbeat).ticks.empty());
    const auto named = on(instrument("BTC/USD", "online"), noon + 1s);
    ASSERT_EQ(named.ticks.size(), 1U) << "the held price, with its own time";
    EXPECT_EQ(named.ticks[0].symbol, btc);
    EXPECT_EQ(named.ticks[0].observed_at, noon);
    EXPECT_TRUE(on(heartbeat).ticks.empty()) << "once";
    EXPECT_EQ(on(update({bids[0]}, bids, noon + 2s), noon + 2s).ticks.size(), 1U);
    listed.emplace(state);
    EXPECT_EQ(on(heartbeat).ticks.at(0).symbol, eth) << "named by REST";
}

TEST_F(KrakenStreamTest, ABookThatBreaksTakesItsHeldPriceAlong) {
    listed.reset();
    on(good_snapshot());
    on(book_frame("update", book_entry("BTC/USD", {bids[1]}, {}, 1, noon)));
    EXPECT_TRUE(on(instrument("BTC/USD", "online")).ticks.empty());
}

TEST_F(KrakenStreamTest, RefusesUnknownFrames) {
    EXPECT_EQ(refusal("garbage"), "malformed frame");
    EXPECT_EQ(refusal(""), "malformed frame");
    EXPECT_EQ(refusal("[1,2]"), "malformed frame");
    EXPECT_EQ(refusal("{"), "malformed frame");
    EXPECT_EQ(refusal(R"({"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"pri)"),
              "malformed frame");
    EXPECT_EQ(refusal("{}"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"channel":7})"), "unknown_event object");
    EXPECT_EQ(refusal(R"({"channel":"book"})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"book","data":null})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"book","data":{}})"), "malformed book");
    EXPECT_EQ(refusal(R"({"channel":"status","data":[{"system":7}]})"), "malformed status");
    EXPECT_EQ(refusal(R"({"channel":"status","data":[7]})"), "malformed status");
    EXPECT_EQ(refusal(R"({"channel":"instrument","data":[]})"), "malformed instrument");
    EXPECT_EQ(refusal(R"({"channel":"instrument","data":{"pairs":[null]}})"), "malformed instrument");
    EXPECT_EQ(refusal(R"({"channel":"trade","type":"update","data":[]})"), "unknown_event trade");
    EXPECT_EQ(
        refusal(R"({"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":1,"ask":2}]})"),
        "unknown_event ticker");
    EXPECT_EQ(refusal(snapshot("DOGE/USD", bids, asks, noon)), "unknown_symbol DOGE/USD");
    EXPECT_EQ(refusal(std::string(3u << 20, ' ')), "oversized frame");
}

TEST_F(KrakenStreamTest, SurvivesEveryCutAndEveryFlippedByte) {
    const std::vector<std::string> frames{
        good_snapshot(),  update({bids[0]}, bids, noon),   ack("BTC/USD", noon),
        status("online"), instrument("BTC/USD", "online"), refused_subscription("BTC/USD")};
    for (const auto& frame : frames) {
        for (std::size_t length = 0; length < frame.size(); ++length) on(frame.substr(0, length));
        for (std::size_t at = 0; at < frame.size(); ++at) {
            for (const char odd : {'"', '{', '}', '[', ']', ',', ':', '0', 'e', '-', '\0', '\xff', '\\'}) {
                auto broken = frame;
                broken[at] = odd;
                for (const Tick& tick : on(broken).ticks) ASSERT_LE(tick.bid, tick.ask) << broken;
            }
        }
    }
    session = make_stream_session(state);
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

}  // namespace
}  // namespace kurs::kraken
