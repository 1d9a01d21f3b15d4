#include <algorithm>

#include "coinbase_stream_fixture.hpp"

namespace kurs::coinbase {
namespace {

struct CoinbaseBook : CoinbaseStreamTest {
    CoinbaseBook() : CoinbaseStreamTest({btc}) {}
};

TEST_F(CoinbaseBook, ASnapshotHasNoTimeAndIsAPriceWithTheFirstUpdate) {
    EXPECT_EQ(tick(snapshot({"80688.08"}, {"80691.53"})), "");
    EXPECT_EQ(tick(update_at({"80000"}, {}, "2026-11-21T12:00:00.300005Z"), noon + 310ms),
              "80688.08 80691.53 #300005us +300ms");
    EXPECT_EQ(tick(update({}, {"80691.52"}, noon + 500ms), noon + 400ms),
              "80688.08 80691.52 #500000us +400ms")
        << "not later than it arrived";
}

TEST_F(CoinbaseBook, ASnapshotIsAPriceOnceNothingHasHappenedForASecond) {
    EXPECT_EQ(tick(snapshot({"100"}, {"101"})), "");
    EXPECT_EQ(tick(heartbeat(90, noon + 500ms), noon + 500ms), "");
    EXPECT_EQ(tick(heartbeat(90, noon + 1500ms), noon + 1500ms), "100 101 #1500000us +1500ms");
}

TEST_F(CoinbaseBook, EveryUpdateConfirmsTheTopUnderTheNumberOfItsFirst) {
    begin();
    EXPECT_EQ(tick(update({"97"}, {"-102"}, noon + 50ms), noon + 1s), "100 101 #0us +50ms");
    EXPECT_EQ(tick(update({"100"}, {}, noon + 100ms), noon + 1s), "100 101 #0us +100ms") << "another size";
    EXPECT_EQ(tick(update({"100.5"}, {}, noon + 150ms), noon + 1s), "100.5 101 #150000us +150ms");
    EXPECT_EQ(tick(update({"-100.5"}, {}, noon + 200ms), noon + 1s), "100 101 #200000us +200ms");
    EXPECT_EQ(tick(update({}, {}, noon + 250ms), noon + 1s), "100 101 #200000us +250ms");
}

TEST_F(CoinbaseBook, ASizeOfZeroRemovesALevel) {
    begin();
    EXPECT_EQ(tick(update({"-100"}, {"-101"}, noon + 50ms), noon + 1s), "99 102 #50000us +50ms");
    EXPECT_EQ(tick(update({"-100", "-55.5"}, {"101.5"}, noon + 100ms), noon + 1s),
              "99 101.5 #100000us +100ms")
        << "a level that is not there";
    for (const auto* zero : {"0", "0.0", "0.00000000"}) {
        on(update({"99.5"}, {}, noon + 150ms), noon + 1s);
        const auto removal = R"({"type":"l2update","product_id":"BTC-USD","changes":[["buy","99.500",")" +
                             std::string(zero) + R"("]],"time":")" + time_text(noon + 150ms) + "\"}";
        EXPECT_TRUE(tick(removal, noon + 1s).starts_with("99 101.5")) << zero;
    }
}

TEST_F(CoinbaseBook, ChangesApplyInTheirOrder) {
    begin();
    EXPECT_EQ(tick(update({"100.7", "-100.7", "100.6", "-100", "100"}, {}, noon + 50ms), noon + 1s),
              "100.6 101 #50000us +50ms");
    EXPECT_EQ(tick(update({"100.8"}, {}, noon + 50ms), noon + 1s), "100.8 101 #50000us +50ms")
        << "of the same moment";
}

TEST_F(CoinbaseBook, PricesAreExact) {
    on(snapshot({"0.000000000000000001", "0.00000001"}, {"123456789012345678.000000000000000001"}));
    EXPECT_EQ(tick(update({}, {}, noon)), "0.00000001 123456789012345678.000000000000000001 #0us +0ms");
}

TEST_F(CoinbaseBook, TheOrderOfASnapshotDoesNotMatter) {
    on(snapshot({"98", "100", "-103", "99"}, {"103", "101", "102"}));
    EXPECT_EQ(tick(update({}, {}, noon)), "100 101 #0us +0ms");
}

TEST_F(CoinbaseBook, UpdatesBeforeTheSnapshotAreIgnored) {
    EXPECT_EQ(tick(update({"100"}, {"101"}, noon)), "");
    EXPECT_EQ(tick(heartbeat(7, noon)), "");
    EXPECT_EQ(tick(heartbeat(7, noon + 1s), noon + 1s), "");
    on(snapshot({"90"}, {"91"}), noon + 1s);
    EXPECT_EQ(tick(update({}, {}, noon + 1s), noon + 1s), "90 91 #1000000us +1000ms");
}

TEST_F(CoinbaseBook, AnUnmovedHeartbeatConfirmsTheBook) {
    begin();
    EXPECT_EQ(tick(heartbeat(90, noon + 1s), noon + 1s), "") << "the first says nothing";
    EXPECT_EQ(tick(heartbeat(90, noon + 2s), noon + 2s), "100 101 #0us +2000ms");
    EXPECT_EQ(tick(heartbeat(90, noon + 7s), noon + 7s), "100 101 #0us +7000ms") << "others were lost";
    EXPECT_EQ(tick(heartbeat(90, noon + 9s), noon + 8s), "100 101 #0us +8000ms")
        << "not later than it arrived";
}

TEST_F(CoinbaseBook, AHeartbeatThatMovesWithTheUpdatesNeedsNoConfirmation) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    EXPECT_EQ(tick(update({"97"}, {}, noon + 1500ms), noon + 1500ms), "100 101 #0us +1500ms");
    EXPECT_EQ(tick(heartbeat(99, noon + 2s), noon + 2s), "");
    EXPECT_EQ(tick(heartbeat(99, noon + 3s), noon + 3s), "100 101 #0us +3000ms");
}

TEST_F(CoinbaseBook, AMovedHeartbeatWithoutUpdatePutsTheBookInDoubt) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    EXPECT_EQ(tick(heartbeat(91, noon + 2s), noon + 2s), "");
    EXPECT_EQ(tick(heartbeat(91, noon + 3s), noon + 3s), "") << "the update may be lost";
    EXPECT_EQ(tick(update({"97"}, {}, noon + 1s), noon + 3s), "100 101 #0us +1000ms")
        << "of before the doubt";
    EXPECT_EQ(tick(heartbeat(91, noon + 3500ms), noon + 3500ms), "");
    EXPECT_EQ(tick(update({"96"}, {}, noon + 1950ms), noon + 3600ms), "100 101 #0us +1950ms");
    EXPECT_EQ(tick(heartbeat(91, noon + 3700ms), noon + 3700ms), "100 101 #0us +3700ms");
}

TEST_F(CoinbaseBook, ABookInDoubtForTwoSecondsIsRequestedAnew) {
    begin();
    on(heartbeat(90, noon + 11s), noon + 11s);
    on(heartbeat(91, noon + 12s), noon + 12s);
    on(heartbeat(92, noon + 13s), noon + 13s);
    EXPECT_EQ(sent(noon + 13s, noon + 13900ms), Frames{});
    EXPECT_EQ(sent(noon + 14s, noon + 14s), (Frames{unsubscribe("BTC-USD"), subscribe("BTC-USD")}));
    EXPECT_EQ(tick(update({"100.5"}, {}, noon + 14s), noon + 14s), "") << "others are missing before it";
    EXPECT_EQ(tick(heartbeat(93, noon + 14s), noon + 14s), "");
    EXPECT_EQ(tick(snapshot({"100.7"}, {"101"}), noon + 14100ms), "100.7 101 #13000000us +13000ms")
        << "not older than the request";
    EXPECT_EQ(tick(heartbeat(93, noon + 15s), noon + 15s), "100.7 101 #13000000us +15000ms");
}

TEST_F(CoinbaseBook, ADoubtThatReturnsCausesEverFewerRequests) {
    begin();
    std::uint64_t sequence = 90;
    std::vector<TimePoint> requests;
    for (TimePoint now = noon; now < noon + 10min; now += 500ms) {
        auto replies = on(heartbeat(now == noon ? 90 : ++sequence, now), now).replies;
        if (replies.empty()) continue;
        requests.push_back(now);
        on(snapshot({"100"}, {"101"}), now);
    }
    EXPECT_GE(requests.size(), 10U);
    EXPECT_LE(requests.size(), 25U);
}

TEST_F(CoinbaseBook, AnEventThatIsLostOnADeadChannelIsFoundWithinHalfAMinute) {
    begin();
    on(heartbeat(90, noon), noon);
    EXPECT_EQ(tick(update({"97"}, {}, noon + 100ms), noon + 100ms), "100 101 #0us +100ms");
    on(heartbeat(92, noon + 1s), noon + 1s);  // one of the two events was lost
    Frames requests;
    TimePoint last{};
    for (int i = 2; i < 40; ++i) {
        const auto now = noon + i * 1s;
        const auto outcome = on(heartbeat(92, now), now);
        if (!outcome.ticks.empty()) last = outcome.ticks[0].observed_at;
        requests.insert(requests.end(), outcome.replies.begin(), outcome.replies.end());
        if (requests.empty()) EXPECT_LT(now, noon + 31s);
    }
    EXPECT_EQ(last, noon + 35s) << "no snapshot comes";
    ASSERT_GE(requests.size(), 2U);
    EXPECT_EQ(requests[0], unsubscribe("BTC-USD"));
    EXPECT_EQ(tick(snapshot({"100.5"}, {"101"}), noon + 40s).substr(0, 9), "100.5 101");
}

TEST_F(CoinbaseBook, SnapshotsAloneConfirmAQuietBookTenTimes) {
    begin();
    int snapshots = 0;
    TimePoint last{};
    for (TimePoint now = noon; now < noon + 15min; now += 1s) {
        auto outcome = on(heartbeat(90, now), now);
        if (!outcome.replies.empty()) {
            ++snapshots;
            const auto answer = on(snapshot({"100"}, {"101"}), now);
            if (snapshots > 10) EXPECT_EQ(refusals(answer), "out_of_order BTC-USD");
            outcome.ticks.insert(outcome.ticks.end(), answer.ticks.begin(), answer.ticks.end());
        }
        for (const auto& each : outcome.ticks) last = each.observed_at;
    }
    EXPECT_GT(snapshots, 10);
    EXPECT_GE(last, noon + 5min);
    EXPECT_LE(last, noon + 6min) << "the silence watch replaces the connection";
    EXPECT_EQ(tick(update({}, {}, noon + 15min), noon + 15min), "100 101 #0us +900000ms");
}

TEST_F(CoinbaseBook, ABookIsRequestedAnewEveryFewMinutes) {
    begin();
    std::vector<TimePoint> requests;
    std::string before = "100 101 #0us";
    for (TimePoint now = noon; now < noon + 60min; now += 500ms) {
        const auto outcome = on(update({"97"}, {}, now), now);
        EXPECT_EQ(shown(outcome).substr(0, 12), before) << "the book stays whole meanwhile";
        if (outcome.replies.empty()) continue;
        EXPECT_EQ(outcome.replies, (Frames{unsubscribe("BTC-USD"), subscribe("BTC-USD")}));
        requests.push_back(now);
        on(snapshot({"100", "99"}, {"101"}), now);
    }
    EXPECT_GE(requests.size(), 6U);
    EXPECT_LE(requests.size(), 12U);
}

TEST_F(CoinbaseBook, ASnapshotCorrectsABookThatHasLostAnUpdate) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    ASSERT_FALSE(sent(noon + 31s, noon + 31s).empty());
    EXPECT_EQ(tick(snapshot({"99.5"}, {"100.5"}), noon + 31s), "99.5 100.5 #1000000us +1000ms");
    EXPECT_EQ(tick(update({}, {}, noon + 31s), noon + 31s), "99.5 100.5 #1000000us +31000ms");
    EXPECT_EQ(tick(snapshot({"99.5"}, {"100.5"}), noon + 32s), "") << "nobody has requested it";
}

TEST_F(CoinbaseBook, ABookThatIsNoPriceIsNotConfirmedByHeartbeats) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {update({"102.5"}, {}, noon + 1s), "crossed BTC-USD"},
        {update({}, {"99.5"}, noon + 1s), "crossed BTC-USD"},
        {update({"-100", "-99", "-98"}, {}, noon + 1s), "not_positive BTC-USD"},
        {update({}, {"-101", "-102"}, noon + 1s), "not_positive BTC-USD"},
        {update({"-100", "-99", "-98"}, {"-101", "-102"}, noon + 1s), "not_positive BTC-USD"},
        {snapshot({}, {"101"}), "not_positive BTC-USD"},
        {snapshot({"100"}, {}), "not_positive BTC-USD"},
        {snapshot({}, {}), "not_positive BTC-USD"},
        {snapshot({"102"}, {"101"}), "crossed BTC-USD"}};
    for (const auto& [withdrawal, expected] : cases) {
        SCOPED_TRACE(withdrawal);
        shared->tops = {};
        requests.clear();
        session = open();
        begin();
        on(heartbeat(90, noon + 500ms), noon + 500ms);
        EXPECT_EQ(refusal(withdrawal, noon + 1s), expected);
        EXPECT_EQ(tick(heartbeat(90, noon + 1500ms), noon + 1500ms), "");
        EXPECT_EQ(tick(heartbeat(91, noon + 2500ms), noon + 2500ms), "");
        EXPECT_EQ(tick(heartbeat(91, noon + 3500ms), noon + 3500ms), "");
        sent(noon + 3600ms, noon + 6s);
        EXPECT_EQ(requests.at(0), unsubscribe("BTC-USD")) << "a snapshot is requested";
        EXPECT_EQ(tick(snapshot({"100"}, {"101"}), noon + 6s).substr(0, 7), "100 101");
    }
}

TEST_F(CoinbaseBook, AnUpdateRestoresABookThatWasNoPrice) {
    begin();
    EXPECT_EQ(refusal(update({"101.5"}, {}, noon + 1s), noon + 1s), "crossed BTC-USD");
    EXPECT_EQ(refusal(update({"97"}, {}, noon + 2s), noon + 2s), "crossed BTC-USD");
    EXPECT_EQ(tick(update({"-101.5"}, {}, noon + 3s), noon + 3s), "100 101 #3000000us +3000ms");
}

TEST_F(CoinbaseBook, BidAndAskMayBeEqual) {
    begin();
    EXPECT_EQ(tick(update({"101"}, {}, noon + 1s), noon + 1s), "101 101 #1000000us +1000ms");
}

TEST_F(CoinbaseBook, AnUnreadableFrameCostsTheBook) {
    const auto changed = [](const std::string& changes) {
        return R"({"type":"l2update","product_id":"BTC-USD","changes":)" + changes + R"(,"time":")" +
               time_text(noon + 1s) + "\"}";
    };
    const auto whole = [](const std::string& asks) {
        return R"({"type":"snapshot","product_id":"BTC-USD","bids":[["100","1"]],"asks":)" + asks + "}";
    };
    const Frames cases{changed("null"),
                       changed("{}"),
                       changed(R"([["buy","100"]])"),
                       changed(R"([["bid","100","1"]])"),
                       changed(R"([[1,"100","1"]])"),
                       changed(R"([["buy",100,"1"]])"),
                       changed(R"([["buy","100",1]])"),
                       changed(R"([["buy","","1"]])"),
                       changed(R"([["buy","NaN","1"]])"),
                       changed(R"([["buy","1e2","1"]])"),
                       changed(R"([["buy","-100","1"]])"),
                       changed(R"([["buy","0.00","1"]])"),
                       changed(R"([["buy","100","-1"]])"),
                       changed(R"([["buy","100","x"]])"),
                       changed(R"([["sell","999999999999999999999","1"]])"),
                       changed(R"(["buy","100","1"])"),
                       R"({"type":"l2update","product_id":"BTC-USD","time":"2026-11-21T12:00:01.000000Z"})",
                       R"({"type":"l2update","product_id":"BTC-USD","changes":[]})",
                       R"({"type":"l2update","product_id":"BTC-USD","changes":[],"time":1795262401})",
                       update_at({"97"}, {}, "2026-11-21 12:00"),
                       update({"97"}, {}, noon + 12s),
                       whole("null"),
                       whole(R"([["101"]])"),
                       whole(R"([[101,"1"]])"),
                       whole(R"([["101",1]])"),
                       whole(R"([["0","1"]])"),
                       R"({"type":"snapshot","product_id":"BTC-USD","bids":[["100","1"]]})"};
    for (const auto& broken : cases) {
        SCOPED_TRACE(broken);
        shared->tops = {};
        requests.clear();
        session = open();
        begin();
        on(heartbeat(90, noon + 500ms), noon + 500ms);
        EXPECT_EQ(refusal(broken, noon + 1s), "malformed BTC-USD");
        EXPECT_EQ(tick(update({"100.5"}, {}, noon + 1100ms), noon + 1100ms), "");
        EXPECT_EQ(tick(heartbeat(90, noon + 1500ms), noon + 1500ms), "");
        EXPECT_FALSE(sent(noon + 1600ms, noon + 6s).empty());
        EXPECT_EQ(tick(snapshot({"100"}, {"101"}), noon + 6s), "100 101 #0us +1500ms");
    }
}

TEST_F(CoinbaseBook, AnUpdateOutOfOrderCostsTheBook) {
    begin();
    on(update({"97"}, {}, noon + 1s), noon + 1s);
    EXPECT_EQ(refusal(update({"96"}, {}, noon + 999ms), noon + 1s), "out_of_order BTC-USD");
    EXPECT_EQ(tick(update({"96"}, {}, noon + 2s), noon + 2s), "");
    EXPECT_FALSE(sent(noon + 3s, noon + 6s).empty());
    EXPECT_EQ(tick(snapshot({"100"}, {"101"}), noon + 6s), "100 101 #0us +2000ms");
}

TEST_F(CoinbaseBook, AHeartbeatIsReadStrictly) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    const auto beat = [](const std::string& sequence, const std::string& time) {
        return R"({"type":"heartbeat","sequence":)" + sequence + R"(,"product_id":"BTC-USD","time":)" + time +
               "}";
    };
    const auto later = "\"" + time_text(noon + 2s) + "\"";
    for (const auto& broken :
         {beat("\"90\"", later), beat("9.5", later), beat("-90", later), beat("null", later),
          beat("90", "null"), beat("90", "1795262402"), beat("90", "\"soon\""), heartbeat(90, noon + 13s)})
        EXPECT_EQ(refusal(broken, noon + 2s), "malformed BTC-USD") << broken;
    EXPECT_EQ(refusal(heartbeat(90, noon + 999ms), noon + 2s), "out_of_order BTC-USD");
    EXPECT_EQ(tick(heartbeat(90, noon + 3s), noon + 3s), "100 101 #0us +3000ms");
}

TEST_F(CoinbaseBook, NumbersBeyondTheDigitsOfADoubleAreExact) {
    begin();
    const std::uint64_t large = 9'007'199'254'740'992;  // 2^53
    on(heartbeat(large, noon + 1s), noon + 1s);
    EXPECT_EQ(tick(heartbeat(large + 1, noon + 2s), noon + 2s), "") << "it has moved";
    EXPECT_EQ(tick(heartbeat(18'446'744'073'709'551'615U, noon + 3s), noon + 3s), "");
}

TEST_F(CoinbaseBook, ARestartedNumberingIsAMove) {
    begin();
    on(heartbeat(90, noon + 1s), noon + 1s);
    EXPECT_EQ(tick(heartbeat(3, noon + 2s), noon + 2s), "");
    EXPECT_EQ(tick(heartbeat(3, noon + 3s), noon + 3s), "");
    EXPECT_EQ(tick(update({}, {}, noon + 3s), noon + 3s), "100 101 #0us +3000ms");
    EXPECT_EQ(tick(heartbeat(3, noon + 4s), noon + 4s), "100 101 #0us +4000ms");
}

TEST_F(CoinbaseBook, ADeepBookIsFollowedAsFarAsItsTopNeeds) {
    WrittenSide bids, asks, removed;
    for (int i = 1; i <= 5000; ++i) {
        bids.push_back(std::to_string(10'000 - i));
        asks.push_back(std::to_string(10'000 + i));
        if (i <= 999) removed.push_back("-" + asks.back());
    }
    on(snapshot(bids, asks));
    EXPECT_EQ(tick(update({}, removed, noon)), "9999 11000 #0us +0ms");
    EXPECT_EQ(tick(update({}, {"10500"}, noon + 1s), noon + 1s), "9999 10500 #1000000us +1000ms");
    EXPECT_EQ(tick(update({}, {"-10500", "14000"}, noon + 2s), noon + 2s), "9999 11000 #2000000us +2000ms");
    EXPECT_EQ(refusal(update({}, {"-11000"}, noon + 3s), noon + 3s), "not_positive BTC-USD")
        << "what is behind is not known";
    EXPECT_EQ(tick(update({}, {"10700"}, noon + 4s), noon + 4s), "");
    sent(noon + 4s, noon + 6s);
    EXPECT_EQ(requests, (Frames{unsubscribe("BTC-USD"), subscribe("BTC-USD")}));
}

TEST_F(CoinbaseBook, ADeepBookThatDoesNotBeginWithItsBestLevelsIsReadInWhole) {
    WrittenSide bids, asks;
    for (int i = 3000; i > 0; --i) {
        bids.push_back(std::to_string(10'000 - i));
        asks.push_back(std::to_string(10'000 + i));
    }
    on(snapshot(bids, asks));
    EXPECT_EQ(tick(update({}, {}, noon)), "9999 10001 #0us +0ms");
    std::ranges::reverse(bids);
    std::ranges::reverse(asks);
    std::swap(bids[7], bids[2000]);
    std::swap(asks[0], asks.back());
    on(snapshot(bids, asks));
    EXPECT_EQ(tick(update({"-9999"}, {}, noon)), "9998 10001 #0us +0ms");
    asks[1] = "0";
    EXPECT_EQ(refusal(snapshot(bids, asks)), "malformed BTC-USD");
}

TEST_F(CoinbaseBook, ASideGrowsWithoutLosingItsTop) {
    begin();
    for (int i = 0; i < 6000; ++i)
        on(update({}, {"101." + std::to_string(10'000 + i)}, noon + Duration{i}), noon + 10s);
    EXPECT_EQ(tick(update({}, {"-101"}, noon + 6s), noon + 10s), "100 101.1 #6000000us +6000ms");
}

TEST_F(CoinbaseBook, TwoConnectionsNumberTheSame) {
    const auto other = open();
    for (const auto& frame : {snapshot({"100"}, {"101"}), update({"99"}, {}, noon),
                              update({"100.5"}, {}, noon + 50ms), update({"98"}, {}, noon + 100ms)})
        EXPECT_EQ(shown(other->on_frame(frame, noon + 1s)), shown(on(frame, noon + 1s)));
}

TEST_F(CoinbaseBook, AConnectionThatIsBehindIsNoFaultAndKeepsItsOwnNumber) {
    const auto late = open();
    for (auto* const each : {session.get(), late.get()}) {
        each->on_frame(snapshot({"100"}, {"101"}), noon);
        each->on_frame(update({"99"}, {}, noon), noon);
    }
    EXPECT_EQ(tick(update({"100.5"}, {}, noon + 200ms), noon + 200ms), "100.5 101 #200000us +200ms");
    const auto outcome = late->on_frame(update({"98"}, {}, noon + 100ms), noon + 210ms);
    EXPECT_EQ(shown(outcome), "100 101 #100000us +100ms") << "the older number tells";
    EXPECT_EQ(refusals(outcome), "");
    EXPECT_EQ(shown(late->on_frame(update({"100.5"}, {}, noon + 200ms), noon + 220ms)),
              "100.5 101 #200000us +200ms");
}

TEST_F(CoinbaseBook, ANewConnectionContinuesTheNumbers) {
    begin();
    session = open();
    on(snapshot({"100"}, {"101"}), noon + 1s);
    EXPECT_EQ(tick(update({}, {}, noon + 1s), noon + 1s), "100 101 #0us +1000ms");
}

}  // namespace
}  // namespace kurs::coinbase
