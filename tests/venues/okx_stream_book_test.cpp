#include "okx_stream_fixture.hpp"

namespace kurs::okx {
namespace {

using OkxStreamBookTest = OkxStreamTest;

TEST_F(OkxStreamBookTest, ATopIsAPrice) {
    EXPECT_EQ(tick(top("41006.3", "41006.8", 7, noon - 3ms)), "41006.3 41006.8 #7 +-3ms");
    EXPECT_EQ(tick(top("41006.4", "41006.8", 9, noon + 500ms), noon + 400ms), "41006.4 41006.8 #9 +400ms")
        << "not later than it arrived";
}

TEST_F(OkxStreamBookTest, NumbersBeyondTheDigitsOfADoubleAreExact) {
    const std::int64_t large = 9'007'199'254'740'993;  // 2^53 + 1
    EXPECT_EQ(tick(top("1", "2", large, noon)), "1 2 #9007199254740993 +0ms");
    EXPECT_EQ(refusal(top("1", "2", large - 1, noon)), "out_of_order BTC-USDT");
    EXPECT_EQ(tick(snapshot({"1"}, {"2"}, large, noon)), "1 2 #9007199254740993 +0ms");
    EXPECT_EQ(tick(update({"0.5"}, {}, large + 1, large, noon)), "1 2 #9007199254740994 +0ms");
    EXPECT_EQ(refusal(update({"0.6"}, {}, large + 2, large, noon)), "out_of_order BTC-USDT")
        << "a gap of one";
}

TEST_F(OkxStreamBookTest, AChangeBehindTheTopConfirmsIt) {
    on(top("100", "101", 7, noon));
    EXPECT_EQ(tick(snapshot({"100", "99"}, {"101", "102"}, 7, noon + 100ms), noon + 1s), "100 101 #7 +100ms");
    EXPECT_EQ(tick(update({"98"}, {"-102"}, 12, 7, noon + 900ms), noon + 1s), "100 101 #12 +900ms");
    EXPECT_EQ(tick(update({}, {}, 12, 12, noon + 60s), noon + 60s), "100 101 #12 +60000ms")
        << "the keep-alive";
    EXPECT_EQ(tick(top("100", "101", 12, noon + 61s), noon + 61s), "100 101 #12 +61000ms") << "the repeat";
    EXPECT_EQ(tick(top("100", "101", 12, noon), noon + 62s), "100 101 #12 +61000ms") << "with an old time";
}

TEST_F(OkxStreamBookTest, OfTwoBooksTheHigherNumberIsNewer) {
    on(top("100", "101", 7, noon));
    on(snapshot({"100"}, {"101"}, 7, noon));
    EXPECT_EQ(tick(top("100.5", "101", 15, noon + 80ms), noon + 1s), "100.5 101 #15 +80ms");
    EXPECT_EQ(tick(update({"99"}, {}, 11, 7, noon + 50ms), noon + 1s), "") << "behind, and no error";
    EXPECT_EQ(tick(update({"100.7"}, {}, 17, 11, noon + 100ms), noon + 1s), "") << "ahead, with another top";
    EXPECT_EQ(tick(top("100.7", "101", 17, noon + 100ms), noon + 1s), "100.7 101 #17 +100ms");
    EXPECT_EQ(tick(update({"-100.7", "100.5"}, {}, 19, 17, noon + 200ms), noon + 1s), "");
    EXPECT_EQ(tick(update({"100.7"}, {}, 21, 19, noon + 300ms), noon + 1s), "100.7 101 #21 +300ms")
        << "there and back";
    EXPECT_EQ(refusal(top("100.5", "101", 19, noon + 200ms)), "out_of_order BTC-USDT");
}

TEST_F(OkxStreamBookTest, ABookAloneMakesNoPrice) {
    EXPECT_EQ(tick(snapshot({"100"}, {"101"}, 7, noon)), "");
    EXPECT_EQ(tick(update({"99"}, {}, 8, 7, noon)), "");
    EXPECT_EQ(tick(top("100", "101", 8, noon)), "100 101 #8 +0ms");
}

TEST_F(OkxStreamBookTest, ARemovalUncoversTheNextLevel) {
    on(snapshot({"100", "99", "98"}, {"101", "102"}, 7, noon));
    on(top("99", "102", 8, noon));
    EXPECT_EQ(tick(update({"-100"}, {"-101"}, 8, 7, noon)), "99 102 #8 +0ms");
    on(top("99", "101.5", 9, noon));
    EXPECT_EQ(tick(update({"-98", "-97"}, {"101.5"}, 9, 8, noon)), "99 101.5 #9 +0ms");
}

TEST_F(OkxStreamBookTest, ABookIsAsDeepAsTheVenues) {
    WrittenSide bids, asks, removed;
    for (int i = 1; i <= 400; ++i) {
        bids.push_back(std::to_string(1000 - i));
        asks.push_back(std::to_string(1000 + i));
        if (i < 400) removed.push_back("-" + bids.back());
    }
    on(snapshot(bids, asks, 7, noon));
    on(top("999.5", "1001", 8, noon));
    EXPECT_EQ(tick(update({"999.5"}, {}, 8, 7, noon)), "999.5 1001 #8 +0ms") << "pushes the level 600 out";
    removed.push_back("-999.5");
    EXPECT_EQ(refusal(update(removed, {}, 9, 8, noon)), "not_positive BTC-USDT") << "nothing is left";
}

TEST_F(OkxStreamBookTest, AGapCostsTheBookAndNotThePrice) {
    on(top("100", "101", 7, noon));
    on(snapshot({"100"}, {"101"}, 7, noon));
    const auto outcome = on(update({"99"}, {}, 12, 9, noon + 2s), noon + 2s);
    ASSERT_EQ(outcome.refusals.size(), 1U);
    EXPECT_EQ(outcome.refusals[0].reason, errc::out_of_order);
    const std::vector<std::string> again{
        R"({"id":"ubooks0","op":"unsubscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})",
        R"({"id":"books0","op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT"}]})"};
    EXPECT_EQ(std::vector(outcome.replies.begin(), outcome.replies.begin() + 2), again);
    EXPECT_EQ(tick(update({"98"}, {}, 14, 12, noon + 2100ms), noon + 2100ms), "")
        << "the snapshot is awaited";
    EXPECT_TRUE(on(update({"97"}, {}, 15, 14, noon + 2200ms), noon + 2200ms).replies.empty())
        << "one is in flight";
    EXPECT_EQ(tick(top("100.5", "101", 16, noon + 2300ms), noon + 2300ms), "100.5 101 #16 +2300ms");
    EXPECT_EQ(tick(snapshot({"100.5"}, {"101"}, 17, noon + 2400ms), noon + 2400ms), "100.5 101 #17 +2400ms");
    EXPECT_EQ(tick(update({"98"}, {}, 18, 17, noon + 2500ms), noon + 2500ms), "100.5 101 #18 +2500ms");
}

TEST_F(OkxStreamBookTest, ABookThatBreaksAgainAndAgainIsRequestedEverMoreRarely) {
    std::vector<Duration> waits;
    TimePoint last = noon;
    std::int64_t sequence = 10;
    for (TimePoint now = noon; now < noon + 10min; now += 200ms) {
        on(snapshot({"100"}, {"101"}, ++sequence, now), now);
        for (const auto& reply : on(update({"99"}, {}, sequence + 2, sequence - 1, now), now).replies) {
            if (reply.starts_with(R"({"id":"books0")")) waits.push_back(now - std::exchange(last, now));
        }
    }
    ASSERT_GE(waits.size(), 10U);
    EXPECT_LE(waits.size(), 30U);
    EXPECT_GE(waits.back(), 30s);
}

TEST_F(OkxStreamBookTest, ABookThatIsNoPriceWithdrawsTheOneBefore) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {top("101", "100", 20, noon), "crossed BTC-USDT"},
        {top("", "101", 20, noon), "not_positive BTC-USDT"},
        {top("100", "", 20, noon), "not_positive BTC-USDT"},
        {top("", "", 20, noon), "not_positive BTC-USDT"},
        {top("-100", "101", 20, noon), "not_positive BTC-USDT"},
        {update({"102"}, {}, 20, 7, noon), "crossed BTC-USDT"},
        {update({"-100", "-99"}, {}, 20, 7, noon), "not_positive BTC-USDT"}};
    for (const auto& [withdrawal, expected] : cases) {
        SCOPED_TRACE(withdrawal);
        shared->news.clear();
        session = make_stream_session(shared);
        on(top("100", "101", 7, noon));
        on(snapshot({"100", "99"}, {"101"}, 7, noon));
        EXPECT_EQ(refusal(withdrawal), expected);
        EXPECT_EQ(refusal(top("100", "101", 19, noon)), "out_of_order BTC-USDT") << "a late book";
        EXPECT_EQ(shown(on(top("100", "101", 20, noon))), "") << "another word about the same book";
        EXPECT_EQ(shown(on(update({"98"}, {"-101"}, 22, 20, noon))), "") << "a book of the other channel";
        EXPECT_EQ(shown(on(snapshot({"100"}, {"101"}, 23, noon))), "");
        answer("100", "101", 30, noon + 1s);
        EXPECT_EQ(shown(session->on_time(noon + 2s)), "");
        EXPECT_EQ(tick(top("100", "101", 24, noon)), "100 101 #24 +1000ms") << "which REST has confirmed";
    }
}

TEST_F(OkxStreamBookTest, AnUnreadableBookWithdrawsThePriceToo) {
    const std::vector<std::string> cases{
        frame("bbo-tbt", "BTC-USDT", "", "null"),
        frame("bbo-tbt", "BTC-USDT", "", ""),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["100","1"]],"ts":"1670324386802"})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["","1"]],"ts":"1670324386802","seqId":9})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[[100,1]],"ts":"1670324386802","seqId":9})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["1e2","1"]],"ts":"1670324386802","seqId":9})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["100","x"]],"ts":"1670324386802","seqId":9})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["100","1"]],"ts":1670324386802,"seqId":9})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["100","1"]],"ts":"1670324386802","seqId":9.5})"),
        frame("bbo-tbt", "BTC-USDT", "",
              R"({"asks":[["101","1"]],"bids":[["100","1"]],"ts":"1670324386802","seqId":-9})"),
        top("100", "101", 9, noon + 11s)};
    for (const auto& broken : cases) {
        SCOPED_TRACE(broken);
        shared->news.clear();
        session = make_stream_session(shared);
        on(top("100", "101", 7, noon));
        EXPECT_EQ(refusal(broken), "malformed BTC-USDT");
        EXPECT_EQ(shown(on(snapshot({"100"}, {"101"}, 9, noon))), "");
        EXPECT_EQ(tick(top("100", "101", 10, noon)), "100 101 #10 +0ms");
    }
}

TEST_F(OkxStreamBookTest, TwoChannelsThatContradictEachOtherMakeNoPrice) {
    on(top("1000", "1010", 7, noon));
    EXPECT_EQ(refusal(snapshot({"100"}, {"101"}, 7, noon)), "malformed BTC-USDT");
    EXPECT_EQ(tick(top("100", "101", 7, noon)), "");
    EXPECT_EQ(tick(update({"99"}, {}, 8, 7, noon)), "") << "another snapshot is awaited";
    EXPECT_EQ(tick(top("100", "101", 9, noon)), "100 101 #9 +0ms");
    EXPECT_EQ(refusal(top("100", "102", 9, noon)), "malformed BTC-USDT");
    EXPECT_FALSE(session->on_time(noon + 2s).replies.empty());
}

TEST_F(OkxStreamBookTest, AnUnreadableUpdateCostsTheBookAlone) {
    on(top("100", "101", 7, noon));
    on(snapshot({"100"}, {"101"}, 7, noon));
    const auto outcome = on(frame("books", "BTC-USDT", "update",
                                  R"({"asks":[["NaN","1"]],"bids":[],"ts":"1","seqId":8,"prevSeqId":7})"));
    EXPECT_EQ(outcome.refusals.at(0).reason, errc::malformed);
    EXPECT_EQ(tick(update({"99"}, {}, 9, 8, noon)), "");
    EXPECT_EQ(tick(top("100", "101", 10, noon)), "100 101 #10 +0ms");
    EXPECT_FALSE(session->on_time(noon + 2s).replies.empty());
}

TEST_F(OkxStreamBookTest, ARestartedNumberingGoesOn) {
    on(top("100", "101", 15, noon));
    on(snapshot({"100"}, {"101"}, 15, noon));
    EXPECT_EQ(tick(update({"99"}, {}, 3, 15, noon + 1s), noon + 1s), "100 101 #16 +1000ms");
    EXPECT_EQ(tick(update({"98"}, {}, 5, 3, noon + 2s), noon + 2s), "100 101 #18 +2000ms");
    EXPECT_EQ(tick(top("100", "102", 6, noon + 3s), noon + 3s), "100 102 #19 +3000ms");
    session = make_stream_session(shared);
    EXPECT_EQ(tick(top("100", "102", 6, noon + 3s), noon + 3s), "100 102 #19 +3000ms")
        << "on the next connection, too";
}

TEST_F(OkxStreamBookTest, ANumberingThatRestartsWhileNobodyListensGoesOnToo) {
    on(top("100", "101", 15, noon));
    session = make_stream_session(shared);
    EXPECT_EQ(tick(top("100", "102", 3, noon + 900ms), noon + 1s), "100 102 #3 +900ms")
        << "a late book, which the tick filter refuses";
    EXPECT_EQ(tick(top("100", "102", 3, noon + 1s), noon + 1s), "100 102 #16 +1000ms");
    EXPECT_EQ(tick(snapshot({"100"}, {"102"}, 3, noon + 1s), noon + 1s), "100 102 #16 +1000ms");
    EXPECT_EQ(tick(update({"99"}, {}, 5, 3, noon + 2s), noon + 2s), "100 102 #18 +2000ms");
    const auto other = make_stream_session(shared);
    EXPECT_EQ(shown(other->on_frame(top("100", "102", 5, noon + 2s), noon + 2s)), "100 102 #18 +2000ms");
}

TEST_F(OkxStreamBookTest, ABookThatStandsIsFollowedByItsSnapshotWhenTheNumberingHasRestarted) {
    on(top("100", "101", 15, noon));
    on(snapshot({"100"}, {"101"}, 15, noon + 1s), noon + 1s);
    session = make_stream_session(shared);
    EXPECT_EQ(tick(top("100", "101", 3, noon), noon + 2s), "100 101 #3 +0ms");
    EXPECT_EQ(tick(snapshot({"100"}, {"101"}, 3, noon + 1900ms), noon + 2s), "100 101 #3 +1900ms")
        << "it may be late, which the tick filter judges";
    session = make_stream_session(shared);
    EXPECT_EQ(tick(top("100", "101", 3, noon), noon + 2s), "100 101 #3 +0ms");
    EXPECT_EQ(tick(snapshot({"100"}, {"101"}, 3, noon + 2s), noon + 2s), "100 101 #16 +2000ms");
    EXPECT_EQ(tick(top("100", "102", 4, noon + 3s), noon + 3s), "100 102 #17 +3000ms");
}

TEST_F(OkxStreamBookTest, AConnectionThatIsBehindKeepsItsNumbersUntilItReachesTheRestart) {
    const auto late = make_stream_session(shared);
    for (auto* const each : {session.get(), late.get()}) each->on_frame(top("100", "101", 15, noon), noon);
    on(snapshot({"100"}, {"101"}, 15, noon));
    EXPECT_EQ(tick(update({"99"}, {}, 3, 15, noon + 2s), noon + 2s), "100 101 #16 +2000ms");
    EXPECT_EQ(tick(top("100", "103", 30, noon + 2s), noon + 2s), "100 103 #43 +2000ms");
    EXPECT_EQ(shown(late->on_frame(top("100", "102", 17, noon + 1s), noon + 3s)), "100 102 #17 +1000ms");
    EXPECT_EQ(shown(late->on_frame(top("100", "103", 30, noon + 2s), noon + 4s)), "100 103 #43 +2000ms");
}

TEST_F(OkxStreamBookTest, TheNumbersAreTheSameOnBothConnections) {
    const auto other = make_stream_session(shared);
    for (const auto& text : {snapshot({"100"}, {"101"}, 15, noon), update({"99"}, {}, 3, 15, noon),
                             top("100", "101", 4, noon)}) {
        EXPECT_EQ(shown(other->on_frame(text, noon)), shown(on(text)));
    }
}

TEST_F(OkxStreamBookTest, AnAnswerOfRestConfirmsAnEqualPrice) {
    on(top("100", "101", 7, noon));
    EXPECT_EQ(shown(session->on_time(noon + 2s)), "");
    answer("100", "101", 7, noon + 2s);
    EXPECT_EQ(shown(session->on_time(noon + 2100ms)), "100 101 #7 +2000ms");
    EXPECT_EQ(shown(session->on_time(noon + 2300ms)), "") << "once";
    EXPECT_EQ(shared->news[btc].confirmed_at, noon + 2s);
    answer("100", "101", 6, noon + 3s);
    EXPECT_EQ(shown(session->on_time(noon + 3s)), "") << "an older book";
    answer("100", "101.5", 8, noon + 4s);
    EXPECT_EQ(shown(session->on_time(noon + 4s)), "") << "another book";
    answer("100", "101", 9, noon + 5s);
    EXPECT_EQ(shown(on("pong", noon + 5s)), "100 101 #7 +5000ms") << "the bridge has shown what was between";
}

}  // namespace
}  // namespace kurs::okx
