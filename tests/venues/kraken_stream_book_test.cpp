#include "kraken_stream_fixture.hpp"

namespace kurs::kraken {
namespace {

using KrakenStreamBookTest = KrakenStreamTest;

TEST_F(KrakenStreamBookTest, ReadsEveryDigitAndTheTimeToTheMicrosecond) {
    const auto outcome =
        on(snapshot("BTC/USD", {{"85600.400000001", "1.0"}}, {{"85600.5", "2.0"}}, noon), noon + 70ms);
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "85600.400000001");
    EXPECT_EQ(to_string(outcome.ticks[0].ask), "85600.5");
    EXPECT_EQ(outcome.ticks[0].symbol, btc);
    EXPECT_EQ(outcome.ticks[0].observed_at, noon);
}

TEST_F(KrakenStreamBookTest, AnUpdateMovesTheTopOrConfirmsIt) {
    on(good_snapshot());
    const auto moved = on(update({{"85600.4", "0.00000000"}}, {bids[1]}, noon + 1s), noon + 1s).ticks.at(0);
    EXPECT_EQ(to_string(moved.bid), "85599.6");
    const WrittenSide deeper{bids[1], {"85590.0", "1.00000000"}};
    const auto confirmed = on(update({deeper[1]}, deeper, noon + 3s), noon + 3s).ticks.at(0);
    EXPECT_EQ(to_string(confirmed.bid), "85599.6");
    EXPECT_EQ(confirmed.observed_at, noon + 3s);
    EXPECT_GT(confirmed.sequence, moved.sequence);
}

TEST_F(KrakenStreamBookTest, ItsTimesOrderTheBooksOfTwoConnections) {
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

TEST_F(KrakenStreamBookTest, ChangesOfOneFrameApplyInOrder) {
    on(good_snapshot());
    const WrittenSide changes{{"85600.4", "0"}, {"85600.4", "3.00000000"}, {"85600.4", "0.5"}};
    EXPECT_EQ(on(update(changes, {{"85600.4", "0.5"}, bids[1]}, noon)).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, AnUpdateBeforeTheSnapshotIsRefused) {
    EXPECT_EQ(refusal(update({bids[0]}, bids, noon)), "out_of_order BTC/USD");
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, AWrongChecksumStopsTheSymbolUntilItsNextSnapshot) {
    on(good_snapshot());
    on(good_snapshot("ETH/USD"));
    const auto wrong = book_frame("update", book_entry("BTC/USD", {bids[1]}, {}, 1, noon));
    EXPECT_EQ(refusal(wrong), "malformed BTC/USD");
    EXPECT_EQ(refusal(update({bids[0]}, bids, noon)), "out_of_order BTC/USD");
    EXPECT_EQ(on(good_snapshot("ETH/USD")).ticks.size(), 1U);
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, ASnapshotIsNotOlderThanTheRequestThatItAnswers) {
    on(ack("BTC/USD", noon + 2s), noon + 2s);
    EXPECT_EQ(on(good_snapshot("BTC/USD", noon), noon + 2100ms).ticks.at(0).observed_at, noon + 2s);
    EXPECT_EQ(on(snapshot("BTC/USD", {bids[1]}, asks, noon), noon + 3s).ticks.at(0).observed_at, noon)
        << "a request dates only the first snapshot";
}

TEST_F(KrakenStreamBookTest, AnUndatedSnapshotIsDatedByItsRequestOrMakesNoPrice) {
    auto undated = good_snapshot();
    undated.replace(undated.find(R"(,"timestamp")"), 39, "");
    ASSERT_TRUE(undated.ends_with("}]}")) << undated;
    EXPECT_EQ(refusal(undated), "malformed BTC/USD");
    EXPECT_EQ(on(update({bids[0]}, bids, noon)).ticks.size(), 1U) << "the book is good";
    on(ack("BTC/USD", noon + 2s), noon + 2s);
    EXPECT_EQ(on(undated, noon + 3s).ticks.at(0).observed_at, noon + 2s);
}

TEST_F(KrakenStreamBookTest, ARequestConfirmsABookWithoutChangingItsOrder) {
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

TEST_F(KrakenStreamBookTest, AFrozenServerDoesNotOutrankTheOtherConnection) {
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

TEST_F(KrakenStreamBookTest, AnOlderSnapshotStaysBehindTheConnectionsOwnUpdates) {
    on(good_snapshot());
    const auto news = on(update({{"85600.4", "0"}}, {bids[1]}, noon + 1s), noon + 1s).ticks.at(0);
    on(ack("BTC/USD", noon + 3s), noon + 3s);
    EXPECT_LT(on(good_snapshot("BTC/USD", noon + 500ms), noon + 3s).ticks.at(0).sequence, news.sequence);
    const auto next = on(update({bids[0]}, bids, noon + 4s), noon + 4s).ticks.at(0);
    EXPECT_GT(next.sequence, news.sequence);
}

TEST_F(KrakenStreamBookTest, TenSnapshotsWithoutAnUpdateConfirmAndNoMore) {
    TimePoint now = noon;
    for (int i = 0; i < 10; ++i, now += 2s)
        EXPECT_EQ(on(good_snapshot("BTC/USD", now), now).ticks.size(), 1U) << i;
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", now), now), "out_of_order BTC/USD");
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", now), now), "out_of_order BTC/USD");
    EXPECT_EQ(on(update({bids[0]}, bids, now), now).ticks.size(), 1U);
    EXPECT_EQ(on(good_snapshot("BTC/USD", now), now).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, ATimeAheadIsNoTime) {
    EXPECT_EQ(refusal(good_snapshot("BTC/USD", noon + 11s)), "malformed BTC/USD");
    on(ack("BTC/USD", noon + 11s));
    EXPECT_EQ(refusal(good_snapshot()), "malformed BTC/USD") << "the time of the request";
    EXPECT_EQ(on(good_snapshot("BTC/USD", noon + 900ms)).ticks.at(0).observed_at, noon) << "clocks differ";
}

TEST_F(KrakenStreamBookTest, OneSidedEmptyAndCrossedBooksMakeNoPrice) {
    EXPECT_EQ(refusal(snapshot("BTC/USD", {}, {}, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", bids, {}, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", {}, asks, noon)), "not_positive BTC/USD");
    EXPECT_EQ(refusal(snapshot("BTC/USD", {{"85600.6", "1.0"}}, asks, noon)), "crossed BTC/USD");
    EXPECT_EQ(on(good_snapshot()).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, ABookThatCrossesAndUncrossesNeedsNoSnapshot) {
    on(good_snapshot());
    const WrittenSide crossing{{"85600.6", "1.0"}, bids[0], bids[1]};
    EXPECT_EQ(refusal(update({crossing[0]}, crossing, noon)), "crossed BTC/USD");
    EXPECT_EQ(on(update({{"85600.6", "0"}}, bids, noon)).ticks.size(), 1U);
}

TEST_F(KrakenStreamBookTest, ANumberWithAnExponentIsExact) {
    const WrittenSide plain{{"85600.4", "0.00005100"}, {"85599.6", "2.00000000"}};
    const WrittenSide mixed{{"85600.4", "5.1e-05"}, {"8.55996E4", "2e0"}};
    on(good_snapshot());
    const auto outcome =
        on(book_frame("update", book_entry("BTC/USD", mixed, {}, checksum_of(plain, asks), noon)));
    ASSERT_EQ(outcome.ticks.size(), 1U);
    EXPECT_EQ(to_string(outcome.ticks[0].bid), "85600.4");
}

TEST_F(KrakenStreamBookTest, AnExponentMayComeBeforeTheFirstPlainNumber) {
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

TEST_F(KrakenStreamBookTest, OddNumbersCostOnlyTheirSymbol) {
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

TEST_F(KrakenStreamBookTest, OddMembersCostOnlyTheirSymbol) {
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

TEST_F(KrakenStreamBookTest, MembersMayComeInAnyOrder) {
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

TEST_F(KrakenStreamBookTest, TheBookIsCutToItsDepth) {
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

}  // namespace
}  // namespace kurs::kraken
