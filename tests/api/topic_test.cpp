#include <gtest/gtest.h>

#include "kurs/api/topic.hpp"
#include "market_fixture.hpp"

namespace kurs::api {
namespace {

struct TopicTest : testing::Test {
    Topic topic(CoursesQuery query = {}) { return {market.board, std::move(query), noon}; }
    void change(DirectionId direction, std::string_view value, TimePoint observed_at = noon) {
        market.board.apply(quote(binance, direction, value, observed_at));
    }
    std::uint64_t version() const { return market.board.version(); }

    Market market;
};

bool holds(const Topic::Message& message, std::string_view part) {
    return message && message->event_stream().find(part) != std::string::npos;
}
std::string id_line(std::uint64_t version) {
    return "\nid: " + std::to_string(version) + "\n";
}

TEST_F(TopicTest, ASnapshotHasAllCoursesAndTheVersion) {
    auto all = topic();
    const auto message = all.snapshot(noon + 1s);
    EXPECT_TRUE(holds(message, "event: snapshot\nid: " + std::to_string(version()) + "\ndata: {"));
    EXPECT_TRUE(holds(message, R"({"event":"snapshot","version":)" + std::to_string(version())));
    EXPECT_TRUE(holds(message, R"("direction":"BTC-USD","state":"fresh")"));
    EXPECT_TRUE(holds(message, R"("direction":"BTC-RUB","state":"unavailable")"));
    const std::string document(message->document());
    EXPECT_TRUE(document.ends_with("]}"));
    EXPECT_TRUE(message->event_stream().ends_with("data: " + document + "\n\n"));
}

TEST_F(TopicTest, AVersionThatNoOtherReplicaKnowsClearsTheClientsId) {
    bool is_shared = true;
    Topic all(market.board, {}, noon, [&](std::uint64_t) { return is_shared; });
    EXPECT_TRUE(holds(all.snapshot(noon), id_line(version())));
    is_shared = false;
    EXPECT_TRUE(holds(all.snapshot(noon), "event: snapshot\nid\ndata: {"));
    const auto before = all.newest();
    change(eth_usd, "3001");
    EXPECT_TRUE(holds(all.news_since(before, noon), "event: changes\nid\ndata: {"));
}

TEST_F(TopicTest, NothingIsNewUntilTheBoardChanges) {
    auto all = topic();
    EXPECT_EQ(all.news_since(all.newest(), noon + 1s), nullptr);
}

TEST_F(TopicTest, AChangesMessageHoldsOnlyChangedCourses) {
    auto all = topic();
    const auto before = all.newest();
    change(eth_usd, "3001");
    const auto message = all.news_since(before, noon);
    EXPECT_TRUE(holds(message, "event: changes" + id_line(version())));
    EXPECT_TRUE(holds(message, R"("direction":"ETH-USD")"));
    EXPECT_FALSE(holds(message, "BTC-USD"));
    EXPECT_EQ(all.news_since(all.newest(), noon), nullptr);
}

TEST_F(TopicTest, TwoChangesOfACourseAreSentOnce) {
    auto all = topic();
    const auto before = all.newest();
    change(eth_usd, "3001");
    all.news_since(before, noon);
    change(eth_usd, "3002");
    change(btc_usd, "54001");
    const auto message = all.news_since(before, noon);
    EXPECT_TRUE(holds(message, R"("value":"3002")"));
    EXPECT_TRUE(holds(message, R"("value":"54001")"));
    EXPECT_FALSE(holds(message, "3001"));
}

TEST_F(TopicTest, SubscribersAtTheSamePositionShareAMessage) {
    auto all = topic();
    const auto before = all.newest();
    change(eth_usd, "3001");
    const auto message = all.news_since(before, noon);
    EXPECT_TRUE(holds(message, "3001"));
    EXPECT_EQ(all.news_since(before, noon), message);
}

TEST_F(TopicTest, SubscribersThatMissTheSameChangesShareAMessage) {
    auto all = topic();
    const auto before = all.newest();
    change(eth_usd, "3001");
    const auto earlier = PushPosition{before.news, before.version - 1};
    const auto message = all.news_since(before, noon);
    EXPECT_TRUE(holds(message, "3001"));
    EXPECT_EQ(all.news_since(earlier, noon), message);
}

TEST_F(TopicTest, AMessageHoldsAgesAsOfItsTime) {
    auto requested = topic({coingecko, {}, {}});
    const auto before = requested.newest();
    market.board.apply(quote(coingecko, btc_usd, "53000", noon, 180s));
    EXPECT_TRUE(holds(requested.news_since(before, noon), R"("age_ms":0)"));
    EXPECT_TRUE(holds(requested.news_since(before, noon + 100s), R"("age_ms":100000)"));
}

TEST_F(TopicTest, AnEmptyBoardKnowsNoVersion) {
    Board empty(market.map, 10s);
    Topic named(empty, {binance, {}, {}}, noon);
    EXPECT_FALSE(named.find(0, noon));
    const auto whole = market.board.snapshot();
    empty.apply(whole);
    EXPECT_FALSE(named.find(whole.version - 1, noon));
    EXPECT_TRUE(named.find(whole.version, noon));
}

TEST_F(TopicTest, ChangesOfOtherDirectionsAreNotSent) {
    auto btc = topic({{}, {btc_usd}, {}});
    const auto before = btc.newest();
    change(eth_usd, "3001");
    EXPECT_EQ(btc.news_since(before, noon), nullptr);
    change(btc_usd, "54001");
    EXPECT_TRUE(holds(btc.news_since(before, noon), "54001"));
}

TEST_F(TopicTest, AQuoteThatGoesStaleIsSentWithoutANewVersion) {
    auto all = topic();
    const auto before = all.newest();
    EXPECT_EQ(all.news_since(before, noon + 4999ms), nullptr);
    const auto message = all.news_since(before, noon + 5s);
    EXPECT_TRUE(holds(message, "event: changes\ndata: "));
    EXPECT_TRUE(holds(message, R"("direction":"BTC-USD","state":"stale")"));
    EXPECT_TRUE(holds(message, R"("value":null)"));
}

TEST_F(TopicTest, AMaxAgeMakesItStaleEarlier) {
    auto strict = topic({{}, {}, 2s});
    const auto before = strict.newest();
    EXPECT_EQ(strict.news_since(before, noon + 2s), nullptr);
    EXPECT_TRUE(holds(strict.news_since(before, noon + 2001ms), R"("state":"stale")"));
}

TEST_F(TopicTest, AnotherExchangerIsASnapshot) {
    auto all = topic();
    const auto before = all.newest();
    market.board.apply(quote(coingecko, btc_usd, "53000", noon, 180s));
    EXPECT_EQ(all.news_since(before, noon), nullptr) << "it is not the active one's";
    market.board.choose_active(noon + 5s);
    const auto message = all.news_since(before, noon + 5s);
    EXPECT_TRUE(holds(message, "event: snapshot" + id_line(version())));
    EXPECT_TRUE(holds(message, R"("exchanger":"coingecko")"));
}

TEST_F(TopicTest, ARequestedExchangerStays) {
    auto requested = topic({binance, {}, {}});
    market.board.apply(quote(coingecko, btc_usd, "53000", noon, 180s));
    const auto before = requested.newest();
    market.board.choose_active(noon + 4s);
    EXPECT_EQ(requested.news_since(before, noon + 4s), nullptr);
}

TEST_F(TopicTest, AClientWithAVersionGetsLaterChanges) {
    auto all = topic();
    change(btc_usd, "54001");
    all.snapshot(noon);
    const auto known = version();
    change(eth_usd, "3001");
    const auto position = all.find(known, noon);
    ASSERT_TRUE(position);
    const auto message = all.news_since(*position, noon);
    EXPECT_TRUE(holds(message, "event: changes" + id_line(version())));
    EXPECT_TRUE(holds(message, "3001"));
    EXPECT_FALSE(holds(message, "54001"));
}

TEST_F(TopicTest, AClientWithTheNewestVersionGetsNothing) {
    auto all = topic();
    const auto position = all.find(version(), noon);
    ASSERT_TRUE(position);
    EXPECT_EQ(all.news_since(*position, noon), nullptr);
}

TEST_F(TopicTest, AClientWithTheNewestVersionGetsQuotesThatWentStale) {
    auto all = topic();
    all.snapshot(noon + 5s);
    const auto position = all.find(version(), noon + 5s);
    ASSERT_TRUE(position);
    EXPECT_TRUE(holds(all.news_since(*position, noon + 5s), R"("state":"stale")"));
}

TEST_F(TopicTest, ANewTopicSendsQuotesThatWentStaleBeforeIt) {
    auto late = Topic(market.board, {}, noon + 5s);
    const auto position = late.find(version(), noon + 5s);
    ASSERT_TRUE(position);
    EXPECT_TRUE(holds(late.news_since(*position, noon + 5s), R"("state":"stale")"));
}

TEST_F(TopicTest, AClientThatMissedAChangeOfTheExchangerGetsASnapshot) {
    auto all = topic();
    const auto known = version();
    market.board.apply(quote(coingecko, btc_usd, "53000", noon, 180s));
    market.board.choose_active(noon + 5s);
    const auto position = all.find(known, noon + 5s);
    ASSERT_TRUE(position);
    EXPECT_TRUE(holds(all.news_since(*position, noon + 5s), "event: snapshot" + id_line(version())));
}

TEST_F(TopicTest, AClientMissesAChangeOfTheExchangerThoughItsDirectionHasNoQuote) {
    auto one = topic({{}, {btc_rub}, {}});
    const auto known = version();
    market.board.apply(quote(coingecko, btc_usd, "53000", noon, 180s));
    market.board.choose_active(noon + 5s);
    const auto position = one.find(known, noon + 5s);
    ASSERT_TRUE(position);
    EXPECT_TRUE(holds(one.news_since(*position, noon + 5s), "event: snapshot"));
}

TEST_F(TopicTest, OldAndFutureVersionsAreUnknown) {
    change(btc_usd, "54001");
    auto all = topic();
    EXPECT_FALSE(all.find(version() - 1, noon));
    EXPECT_FALSE(all.find(version() + 1, noon));
}

TEST_F(TopicTest, AHeartbeatHasTheTimeAndNoId) {
    auto all = topic();
    const auto message = all.heartbeat(noon);
    EXPECT_TRUE(holds(message, "event: heartbeat\ndata: {\"event\":\"heartbeat\",\"version\":"));
    EXPECT_TRUE(holds(message, R"("exchanger":"binance","as_of":"2023-11-14T22:13:20.000Z"})"));
}

TEST_F(TopicTest, AReaderGetsASnapshotAndThenChanges) {
    auto all = topic();
    TopicReader reader(all, std::nullopt);
    EXPECT_TRUE(holds(reader.next(noon, true), "event: snapshot"));
    EXPECT_EQ(reader.next(noon, true), nullptr);
    change(eth_usd, "3001");
    const auto message = reader.next(noon, true);
    EXPECT_TRUE(holds(message, "event: changes"));
    EXPECT_TRUE(holds(message, "3001"));
}

TEST_F(TopicTest, AReaderWithAVersionGetsLaterChanges) {
    auto all = topic();
    TopicReader reader(all, version());
    EXPECT_EQ(reader.next(noon, true), nullptr);
    change(eth_usd, "3001");
    EXPECT_TRUE(holds(reader.next(noon, true), "event: changes"));
}

TEST_F(TopicTest, AReaderWithAFutureVersionWaitsForIt) {
    auto all = topic();
    TopicReader patient(all, version() + 1);
    TopicReader waited(all, version() + 1);
    EXPECT_EQ(patient.next(noon, true), nullptr);
    EXPECT_TRUE(holds(waited.next(noon, false), "event: snapshot"));
    change(eth_usd, "3001");
    EXPECT_EQ(patient.next(noon, true), nullptr) << "it knows that";
    change(btc_usd, "54001");
    const auto message = patient.next(noon, true);
    EXPECT_TRUE(holds(message, "54001"));
    EXPECT_FALSE(holds(message, "3001"));
}

TEST_F(TopicTest, AReaderWithAVersionOfAStandaloneReplicaGetsASnapshot) {
    Topic all(market.board, {}, noon, [](std::uint64_t) { return false; });
    for (const auto known : {version(), version() + 1}) {
        TopicReader reader(all, known);
        EXPECT_TRUE(holds(reader.next(noon, true), "event: snapshot\nid\n"));
    }
}

}  // namespace
}  // namespace kurs::api
