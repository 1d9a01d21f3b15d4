#include "api/contract_v2.hpp"

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api::v2 {
namespace {

const CandlesQuestion question{binance, btc_usd, CandleInterval::minute, noon - 20s, noon + 5min, 2};

CandlePage two_candles() {
    CandlePage page;
    page.candles.push_back(
        {noon - 20s, rate("54000.1"), rate("54010"), rate("53999.000000000000000001"), rate("54001"), 60});
    page.candles.push_back({noon + 100s, rate("1"), rate("2"), rate("0.5"), rate("1.5"), 3});
    return page;
}

RecordedCourse recorded(TimePoint fresh_until = noon + 5s) {
    RecordedLeg old_leg{"cbr", "USD/RUB", false, rate("90"), rate("90"), noon - 1h};
    RecordedLeg leg{"binance", "BTCUSDT", false, rate("54000"), rate("54001"), noon};
    RecordedQuote quote{"binance", "BTC-RUB", rate("1"),   rate("2"),
                        rate("3"), noon - 1h, fresh_until, {leg, old_leg}};
    return {"binance", quote};
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(Candles, AreShownOldestFirstWithExactPrices) {
    EXPECT_EQ(
        render_candles(small_market(), question, two_candles()),
        R"({"direction":"BTC-USD","exchanger":"binance","interval":"1m",)"
        R"("from":"2023-11-14T22:13:00.000Z","to":"2023-11-14T22:18:20.000Z","candles":[)"
        R"({"time":"2023-11-14T22:13:00.000Z","open":"54000.1","high":"54010",)"
        R"("low":"53999.000000000000000001","close":"54001","count":60},)"
        R"({"time":"2023-11-14T22:15:00.000Z","open":"1","high":"2","low":"0.5","close":"1.5","count":3}],)"
        R"("next":null})");
}

TEST(Candles, MayBeNone) {
    EXPECT_TRUE(holds(render_candles(small_market(), question, {}), R"("candles":[],"next":null})"));
    EXPECT_EQ(render_candles_csv({}), "time,open,high,low,close,count\r\n");
}

TEST(Candles, AreATableInCsv) {
    EXPECT_EQ(render_candles_csv(two_candles()),
              "time,open,high,low,close,count\r\n"
              "2023-11-14T22:13:00.000Z,54000.1,54010,53999.000000000000000001,54001,60\r\n"
              "2023-11-14T22:15:00.000Z,1,2,0.5,1.5,3\r\n");
}

TEST(Candles, NameTheNextPage) {
    auto page = two_candles();
    page.next = noon + 160s;
    const std::string next =
        "/api/v2/history/BTC-USD?from=2023-11-14T22:16:00.000Z&to=2023-11-14T22:18:20.000Z&interval=1m"
        "&exchanger=binance&limit=2";
    EXPECT_EQ(next_target(small_market(), question, page), next);
    EXPECT_TRUE(holds(render_candles(small_market(), question, page), R"("next":")" + next + R"("})"));
}

TEST(RecordedCourses, AreFreshIfTheyWereThen) {
    const CourseQuestion asked{{}, btc_rub, noon + 4999ms};
    EXPECT_EQ(render_recorded(small_market(), asked, {}, recorded()),
              R"({"at":"2023-11-14T22:13:24.999Z","exchanger":"binance","course":{"direction":"BTC-RUB",)"
              R"("state":"fresh","reason":null,"bid":"1","value":"2","ask":"3",)"
              R"("observed_at":"2023-11-14T21:13:20.000Z","age_ms":3604999,)"
              R"("fresh_until":"2023-11-14T22:13:25.000Z","legs":[{"venue":"binance","symbol":"BTCUSDT",)"
              R"("inverted":false,"bid":"54000","ask":"54001","observed_at":"2023-11-14T22:13:20.000Z"},)"
              R"({"venue":"cbr","symbol":"USD/RUB","inverted":false,"bid":"90","ask":"90",)"
              R"("observed_at":"2023-11-14T21:13:20.000Z"}]}})");
}

TEST(RecordedCourses, HaveNoPricesIfTheyWereStaleThen) {
    const auto document = render_recorded(small_market(), {{}, btc_rub, noon + 5s}, {}, recorded());
    EXPECT_TRUE(holds(document, R"("state":"stale","reason":"Stale since 2023-11-14T22:13:25.000Z: its )"
                                R"(oldest leg, cbr USD/RUB, was observed 3605 s before.","bid":null,)"
                                R"("value":null,"ask":null,"observed_at":"2023-11-14T21:13:20.000Z")"))
        << document;
    EXPECT_TRUE(holds(render_recorded(small_market(), {{}, btc_rub, noon}, Duration(10s), recorded()),
                      R"("state":"stale","reason":"Older than the max_age of 10 s: its oldest leg, )"));
}

TEST(RecordedCourses, MayBeUnavailable) {
    const auto none =
        render_recorded(small_market(), {binance, btc_rub, noon}, {}, {"binance", std::nullopt});
    EXPECT_TRUE(holds(none, R"("exchanger":"binance","course":{"direction":"BTC-RUB","state":"unavailable",)"
                            R"("reason":"No quote at binance is recorded for that time,)"))
        << none;
    const auto nobody = render_recorded(small_market(), {{}, btc_rub, noon}, {}, {});
    EXPECT_TRUE(holds(nobody, R"("exchanger":null,"course":{)")) << nobody;
    EXPECT_TRUE(holds(nobody, R"("reason":"No exchanger was active then.")")) << nobody;
}

TEST(HistoryFailures, AreExplained) {
    const struct {
        HistoryFailure failure;
        std::string_view said;
        std::string_view headers;
    } table[] = {
        {HistoryFailure::not_kept, "This service keeps no history: it runs without a database.", ""},
        {HistoryFailure::away, "History is temporarily unavailable. Courses are still served.",
         "Retry-After: 5\r\n"},
        {HistoryFailure::overdue, "Request a shorter range.", "Retry-After: 1\r\n"},
        {HistoryFailure::busy, "Too many history queries", "Retry-After: 1\r\n"},
        {HistoryFailure::not_written_yet, "is not written yet. Retry in a second.", "Retry-After: 1\r\n"},
    };
    for (const auto& [failure, said, headers] : table) {
        const auto problem = explain(failure, question);
        EXPECT_EQ(problem.status, 503U);
        EXPECT_TRUE(holds(problem.detail, said)) << problem.detail;
        EXPECT_EQ(problem.headers, headers);
    }
    EXPECT_FALSE(holds(explain(HistoryFailure::overdue, CourseQuestion{}).detail, "range"));
}

}  // namespace
}  // namespace kurs::api::v2
