#include "kurs/alerts/desk.hpp"

#include <gtest/gtest.h>

namespace kurs::alerts {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint noon{1'700'000'000s};

const Trouble stale{Kind::rate_stale, "BTC-RUB", "why"};
const Trouble lost{Kind::venue_lost, "kraken", ""};

/// Ids are a1, a2 and so on.
struct DeskTest : testing::Test {
    Desk make() {
        return Desk({10s, 4, 15s}, [this] { return "a" + std::to_string(++ids); });
    }
    /// "id attempt kind begun", or "none".
    static std::string next(Desk& desk, TimePoint now) {
        const auto message = desk.begin_next(now);
        if (!message) return "none";
        return message->id + " " + std::to_string(message->attempt) + " " +
               std::string(to_string(message->alert.trouble.kind)) +
               (message->alert.until ? " ended" : " begun");
    }
    std::string next(TimePoint now) { return next(desk, now); }
    void observe(std::vector<Trouble> troubles, TimePoint from, TimePoint to) {
        for (auto now = from; now <= to; now += 500ms) desk.observe(troubles, now);
    }

    int ids = 0;
    Desk desk = make();
};

TEST_F(DeskTest, ATroubleThatLastsIsToldOnce) {
    observe({stale}, noon, noon + 9500ms);
    EXPECT_EQ(next(noon + 9500ms), "none");
    observe({stale}, noon + 10s, noon + 10s);
    EXPECT_EQ(next(noon + 10s), "a1 1 rate.stale begun");
    EXPECT_EQ(next(noon + 10s), "none") << "it is being sent";
    desk.note_delivered("a1", noon + 11s);
    observe({stale}, noon + 11s, noon + 5min);
    EXPECT_EQ(next(noon + 5min), "none");
}

TEST_F(DeskTest, WhatIsOverIsToldOnceItHasBeenOverForAWhile) {
    observe({stale}, noon, noon + 10s);
    EXPECT_EQ(next(noon + 10s), "a1 1 rate.stale begun");
    desk.note_delivered("a1", noon + 11s);
    observe({}, noon + 20s, noon + 25s);
    observe({stale}, noon + 26s, noon + 30s);
    observe({}, noon + 31s, noon + 40s);
    EXPECT_EQ(next(noon + 40s), "none") << "it came back";
    observe({}, noon + 40500ms, noon + 41s);
    const auto message = desk.begin_next(noon + 41s);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id, "a1-ended");
    EXPECT_EQ(message->alert.since, noon);
    EXPECT_EQ(message->alert.until, noon + 31s);
    desk.note_delivered("a1-ended", noon + 42s);
    observe({stale}, noon + 43s, noon + 53s);
    EXPECT_EQ(next(noon + 53s), "a2 1 rate.stale begun") << "another one";
}

TEST_F(DeskTest, AShortTroubleIsNotTold) {
    observe({stale}, noon, noon + 9s);
    observe({}, noon + 9500ms, noon + 9500ms);
    observe({stale}, noon + 10s, noon + 19s);
    EXPECT_EQ(next(noon + 19s), "none");
    observe({}, noon + 20s, noon + 40s);
    EXPECT_EQ(next(noon + 40s), "none");
}

TEST_F(DeskTest, ThatItIsOverIsToldAfterThatItHasBegun) {
    observe({stale}, noon, noon + 10s);
    EXPECT_EQ(next(noon + 10s), "a1 1 rate.stale begun");
    EXPECT_EQ(desk.note_failed("a1", noon + 11s), 5s);
    observe({}, noon + 11s, noon + 30s);
    EXPECT_EQ(next(noon + 30s), "a1 2 rate.stale begun");
    EXPECT_EQ(next(noon + 30s), "none");
    desk.note_delivered("a1", noon + 31s);
    EXPECT_EQ(next(noon + 31s), "a1-ended 1 rate.stale ended");
}

TEST_F(DeskTest, FailedAttemptsAreRepeatedForHoursAndThenNoMore) {
    observe({stale}, noon, noon + 10s);
    auto now = noon + 10s;
    std::vector<Duration> waits;
    for (int attempt = 1; attempt <= 10; ++attempt) {
        ASSERT_EQ(next(now), "a1 " + std::to_string(attempt) + " rate.stale begun");
        EXPECT_EQ(next(now + 16s), "none") << "the receiver may still answer";
        const auto wait = desk.note_failed("a1", now + 15s);
        if (!wait) break;
        waits.push_back(*wait);
        EXPECT_EQ(next(now + 15s + *wait - 1ms), "none");
        now += 15s + *wait;
    }
    EXPECT_EQ(waits, (std::vector<Duration>{5s, 30s, 2min, 10min, 30min, 1h, 2h, 4h, 8h}));
    EXPECT_EQ(next(now + 24h), "none");
}

TEST_F(DeskTest, AReceiverMayAskForALongerWait) {
    observe({stale}, noon, noon + 10s);
    next(noon + 10s);
    EXPECT_EQ(desk.note_failed("a1", noon + 11s, 60s), 60s);
    next(noon + 71s);
    EXPECT_EQ(desk.note_failed("a1", noon + 72s, 1s), 30s) << "a shorter one does not count";
}

TEST_F(DeskTest, AnEventIsToldAtOnceAndHasNoEnd) {
    desk.add({"active-1", {Kind::exchanger_changed, "kraken", "0 fresh against 8"}, noon}, noon);
    desk.add({"active-1", {Kind::exchanger_changed, "kraken", "0 fresh against 8"}, noon}, noon);
    EXPECT_EQ(next(noon), "active-1 1 exchanger.changed begun");
    desk.note_delivered("active-1", noon + 1s);
    observe({}, noon + 1s, noon + 2min);
    EXPECT_EQ(next(noon + 2min), "none");
}

TEST_F(DeskTest, TheNextWriterGoesOnWhereTheLastOneEnded) {
    observe({stale, lost}, noon, noon + 10s);
    EXPECT_EQ(next(noon + 10s), "a1 1 rate.stale begun");
    desk.note_delivered("a1", noon + 11s);
    EXPECT_EQ(next(noon + 11s), "a2 1 venue.lost begun");  // and dies
    auto successor = make();
    successor.adopt(desk.to_text(), noon + 12s);
    successor.observe({stale, lost}, noon + 12s);
    EXPECT_EQ(next(successor, noon + 12s), "none") << "the receiver may still answer to the last writer";
    EXPECT_EQ(next(successor, noon + 28s), "a2 2 venue.lost begun") << "with the same id";
    successor.note_delivered("a2", noon + 29s);
    for (auto now = noon + 29s; now < noon + 40s; now += 500ms) successor.observe({lost}, now);
    EXPECT_EQ(next(successor, noon + 40s), "a1-ended 1 rate.stale ended");
}

TEST_F(DeskTest, ATroubleThatNobodyWasToldKeepsItsId) {
    observe({stale}, noon, noon + 5s);
    auto successor = make();
    successor.adopt(desk.to_text(), noon + 6s);
    for (auto now = noon + 6s; now <= noon + 10s; now += 500ms) successor.observe({stale}, now);
    EXPECT_EQ(next(successor, noon + 10s), "a1 1 rate.stale begun");
}

TEST_F(DeskTest, AnEventOfAMomentAgoSurvivesTheWritersDeath) {
    const Alert event{"active-1", {Kind::exchanger_changed, "kraken", ""}, noon};
    auto follower = make();
    follower.add(event, noon);
    follower.adopt("[]", noon + 1s);
    EXPECT_EQ(next(follower, noon + 1s), "active-1 1 exchanger.changed begun");
    desk.add(event, noon);
    next(noon);
    desk.note_delivered("active-1", noon + 1s);
    follower.adopt(desk.to_text(), noon + 2s);
    EXPECT_EQ(next(follower, noon + 2s), "none") << "the writer has told it";
    follower.adopt("[]", noon + 2min);
    EXPECT_EQ(next(follower, noon + 2min), "none");
}

TEST_F(DeskTest, WhatAReplicaToldOnItsOwnIsEnded) {
    observe({stale}, noon, noon + 10s);
    next(noon + 10s);
    desk.note_delivered("a1", noon + 11s);
    auto follower = make();
    follower.adopt(desk.to_text(), noon + 11s);
    desk.adopt("[]", noon + 12s, true);
    observe({}, noon + 12s, noon + 22s);
    EXPECT_EQ(next(noon + 22s), "a1-ended 1 rate.stale ended");
    follower.adopt("[]", noon + 12s);
    EXPECT_EQ(follower.to_text(), "[]") << "it is for the writer to tell";

    auto other = make();  // has the same trouble with an id of its own
    for (auto now = noon; now <= noon + 10s; now += 500ms) other.observe({lost}, now);
    auto writer = make();
    for (auto now = noon; now <= noon + 10s; now += 500ms) writer.observe({lost}, now);
    writer.adopt(other.to_text(), noon + 11s, true);
    EXPECT_EQ(writer.to_text(), other.to_text());
}

TEST_F(DeskTest, AnOlderStateOfItsOwnTakesNothingBack) {
    observe({stale}, noon, noon + 10s);
    const auto older = desk.to_text();
    next(noon + 10s);
    desk.note_delivered("a1", noon + 11s);
    desk.adopt(older, noon + 12s, true);
    EXPECT_EQ(next(noon + 12s), "none") << "it has been told";
    observe({}, noon + 12s, noon + 22s);
    EXPECT_EQ(next(noon + 22s), "a1-ended 1 rate.stale ended");
    desk.note_delivered("a1-ended", noon + 23s);
    observe({stale}, noon + 2min, noon + 2min + 10s);
    EXPECT_EQ(next(noon + 2min + 10s), "a2 1 rate.stale begun");
    desk.note_delivered("a2", noon + 2min + 11s);
    desk.adopt(older, noon + 2min + 12s, true);
    observe({}, noon + 2min + 12s, noon + 2min + 22s);
    EXPECT_EQ(next(noon + 2min + 22s), "a2-ended 1 rate.stale ended") << "not that of the alert before";
}

TEST_F(DeskTest, ABrokenStateDoesNoHarm) {
    const auto with = [](const std::string& id, const std::string& since, const std::string& begun) {
        return R"([{"id":")" + id + R"(","kind":"rate.stale","subject":"BTC-RUB","reason":"","since":)" +
               since + R"(,"until":null,"over":null,"begun":[)" + begun +
               R"(,1,0],"ended":[0,0,0],"closed":null}])";
    };
    for (const auto& text : {with("a1", "0", "-1"), with("a1", "0", "3"), with("a.1", "0", "0"),
                             with("a1\\r\\nx: y", "0", "0"), with("", "0", "0")}) {
        desk.adopt(text, noon);
        EXPECT_EQ(desk.to_text(), "[]") << text;
    }
    for (const auto* since : {"-9223372036854775808", "9223372036854775807"}) {
        auto successor = make();
        successor.adopt(with("a1", since, "1"), noon);
        successor.observe({stale}, noon);
        EXPECT_EQ(next(successor, noon), "a1 2 rate.stale begun") << since;
    }
}

TEST_F(DeskTest, IsBounded) {
    std::vector<Trouble> many;
    for (int i = 0; i < 9; ++i)
        many.push_back({Kind::export_absent, "item " + std::to_string(i), std::string(999, 'x')});
    observe(many, noon, noon);
    EXPECT_EQ(desk.take_dropped(), 7U) << "items of exports take half of the places";
    EXPECT_EQ(desk.take_dropped(), 0U);
    observe({stale, {Kind::credits_low, "coingecko", ""}}, noon + 1s, noon + 1s);
    EXPECT_EQ(desk.take_dropped(), 0U);
    desk.observe(many, noon + 2s);
    desk.add({"active-1", {Kind::exchanger_changed, "kraken", ""}, noon}, noon + 2s);
    EXPECT_EQ(desk.take_dropped(), 7U);
    EXPECT_LT(desk.to_text().size(), 4 * 600U);
}

TEST_F(DeskTest, MalformedTextChangesNothing) {
    observe({stale}, noon, noon + 10s);
    const auto text = desk.to_text();
    for (const auto* malformed : {"", "{", "[{}]", "7", R"([{"id":"a","kind":"rate.stale"}])"}) {
        desk.adopt(malformed, noon + 10s);
        EXPECT_EQ(desk.to_text(), text) << malformed;
    }
    auto unknown = text;
    unknown.replace(unknown.find("rate.stale"), 10, "rate.wrong");
    desk.adopt(unknown, noon + 10s);
    EXPECT_EQ(desk.to_text(), "[]") << "of a later version";
}

TEST_F(DeskTest, AnIdHasAtMostAHundredCharacters) {
    const auto with_id = [](std::size_t size) {
        return R"([{"id":")" + std::string(size, 'a') +
               R"(","kind":"rate.stale","subject":"","reason":"","since":0,"until":null,"over":null,)"
               R"("begun":[0,0,0],"ended":[0,0,0],"closed":null}])";
    };
    desk.adopt(with_id(100), noon);
    EXPECT_NE(desk.to_text(), "[]");
    desk.adopt(with_id(101), noon);
    EXPECT_EQ(desk.to_text(), "[]");
}

TEST_F(DeskTest, TroublesOfTwoSubjectsAreTwo) {
    const Trouble other{Kind::rate_stale, "ETH-RUB", "why"}, of_kind{Kind::venue_lost, "BTC-RUB", ""};
    observe({stale, other, of_kind}, noon, noon + 10s);
    EXPECT_EQ(next(noon + 10s), "a1 1 rate.stale begun");
    EXPECT_EQ(next(noon + 10s), "a2 1 rate.stale begun");
    EXPECT_EQ(next(noon + 10s), "a3 1 venue.lost begun");
    for (const auto* id : {"a1", "a2", "a3"}) desk.note_delivered(id, noon + 11s);
    observe({other, of_kind}, noon + 12s, noon + 22s);
    EXPECT_EQ(next(noon + 22s), "a1-ended 1 rate.stale ended");
    EXPECT_EQ(next(noon + 22s), "none");
}

TEST_F(DeskTest, AdoptsAnotherTroubleBesidesItsOwn) {
    auto other = make();
    observe({stale}, noon, noon + 10s);
    next(noon + 10s);
    desk.note_delivered("a1", noon + 10s);
    for (auto now = noon; now <= noon + 10s; now += 500ms)
        other.observe({{Kind::rate_stale, "ETH-RUB", ""}, {Kind::venue_lost, "BTC-RUB", ""}}, now);
    desk.adopt(other.to_text(), noon + 11s, true);
    EXPECT_NE(desk.to_text().find(R"("id":"a1")"), std::string::npos);
    EXPECT_NE(desk.to_text().find("ETH-RUB"), std::string::npos);
    EXPECT_NE(desk.to_text().find("venue.lost"), std::string::npos);
}

}  // namespace
}  // namespace kurs::alerts
