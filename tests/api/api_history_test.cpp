#include "api_fixture.hpp"

namespace kurs::api {
namespace {

struct ApiHistory : ApiFixture {};

const HistoryLookup& of_history(const Lookup& lookup) {
    return std::get<HistoryLookup>(lookup.asked);
}

CandlePage page_that_goes_on() {
    return {{{noon - 140s, rate("1"), rate("4"), rate("0.5"), rate("2"), 60}}, noon - 80s};
}

TEST_F(ApiHistory, AsksHistoryForAnEarlierCourse) {
    const auto asked = pending("/api/v2/courses/btc-usd?at=2023-11-14T22:13:19Z&max_age=2");
    const auto& question = std::get<CourseQuestion>(of_history(asked).question);
    EXPECT_EQ(question.venue, std::nullopt);
    EXPECT_EQ(question.direction, btc_usd);
    EXPECT_EQ(question.at, noon - 1s);
    EXPECT_EQ(of_history(asked).max_age, 2s);

    const auto reply = answer(asked, RecordedCourse{});
    EXPECT_EQ(reply.status, 200U) << "a statement about the past";
    EXPECT_TRUE(has(reply, "Cache-Control: no-cache, max-age=0"));
    EXPECT_TRUE(reply.body.starts_with(R"({"at":"2023-11-14T22:13:19.000Z","exchanger":null,"course":{)"));
    EXPECT_EQ(get("/api/v2/courses/BTC-USD?at=2023-11-14T22:13:20.001Z").status, 400U);
}

TEST_F(ApiHistory, AsksHistoryForCandles) {
    const auto asked = pending("/api/v2/history/BTC-USD?interval=1h&limit=7&exchanger=coingecko");
    const auto& question = std::get<CandlesQuestion>(of_history(asked).question);
    EXPECT_EQ(question.venue, coingecko);
    EXPECT_EQ(question.limit, 7U);

    const auto reply = answer(asked, CandlePage{});
    EXPECT_EQ(reply.status, 200U);
    for (const auto* line : {"Content-Type: application/json", "Cache-Control: no-cache, max-age=0"})
        EXPECT_TRUE(has(reply, line)) << line;
    EXPECT_FALSE(holds(reply.head, "Link:"));
    EXPECT_EQ(get("/api/v2/history/BTC-USD?limit=0").status, 400U);
    EXPECT_EQ(get("/api/v2/history/BTC-EUR").status, 400U);
}

TEST_F(ApiHistory, AnswersCandlesAsCsvAtAPathOfTheirOwn) {
    const auto reply = answer(pending("/api/v2/history/btc-usd/candles.csv"), page_that_goes_on());
    EXPECT_TRUE(reply.body.starts_with("time,open,high,low,close,count\r\n2023-")) << reply.body;
    EXPECT_TRUE(has(reply, "Content-Type: text/csv; charset=utf-8; header=present"));
    EXPECT_TRUE(holds(reply.head,
                      "\r\nLink: </api/v2/history/BTC-USD/candles.csv?from=2023-11-14T22:12:00.000Z&to="));
    EXPECT_EQ(get("/api/v2/history/BTC-EUR/candles.csv").status, 400U);
    EXPECT_EQ(get("/api/v2/history/BTC-USD/candles.json").status, 404U);
    const auto other = pending("/api/v2/history/BTC-USD", Method::get, "text/csv");
    EXPECT_TRUE(has(answer(other, page_that_goes_on()), "Content-Type: application/json"));
}

TEST_F(ApiHistory, LinksToTheNextPage) {
    const auto first = pending("/api/v2/history/BTC-USD?limit=1&interval=1m&exchanger=coingecko");
    const auto reply = answer(first, page_that_goes_on());
    const auto begin = reply.head.find("Link: <") + 7;
    const std::string target(reply.head.substr(begin, reply.head.find('>', begin) - begin));
    EXPECT_TRUE(has(reply, "Link: <" + target + ">; rel=\"next\""));
    EXPECT_TRUE(reply.body.ends_with(R"("next":")" + target + R"("})"));

    const auto expected = std::get<CandlesQuestion>(of_history(first).question);
    const auto second = std::get<CandlesQuestion>(
        of_history(std::get<Lookup>(api.answer({Method::get, target, {}}, noon + 90s))).question);
    EXPECT_EQ(second.from, noon - 80s);
    EXPECT_EQ(second.to, expected.to);
    EXPECT_EQ(second.venue, expected.venue);
    EXPECT_EQ(second.direction, expected.direction);
    EXPECT_EQ(second.interval, expected.interval);
    EXPECT_EQ(second.limit, expected.limit);
}

TEST_F(ApiHistory, LetsOtherOriginsReadTheLink) {
    const auto asked = pending("/api/v2/history/BTC-USD");
    const auto reply = open_api.answer(asked, HistoryAnswer(page_that_goes_on()), noon);
    EXPECT_TRUE(has(reply, "Access-Control-Allow-Origin: *"));
    EXPECT_TRUE(has(reply, "Access-Control-Expose-Headers: Link"));
    EXPECT_TRUE(has(reply, "Access-Control-Expose-Headers: ETag, Retry-After"));
}

TEST_F(ApiHistory, ExplainsHistoryFailures) {
    for (const auto* target :
         {"/api/v2/history/BTC-USD", "/api/v2/courses/BTC-USD?at=2023-01-01T00:00:00Z"}) {
        const auto none = answer(pending(target), HistoryFailure::not_kept);
        EXPECT_EQ(none.status, 503U);
        EXPECT_TRUE(has(none, "Content-Type: application/problem+json"));
        EXPECT_TRUE(has(none, "Cache-Control: no-store"));
        EXPECT_FALSE(holds(none.head, "Retry-After"));
        EXPECT_TRUE(has(answer(pending(target), HistoryFailure::away), "Retry-After: 5"));
    }
}

TEST_F(ApiHistory, AnswersHeadLikeGetWithoutTheBody) {
    const auto* const target = "/api/v2/history/BTC-USD";
    const std::string head(answer(pending(target), page_that_goes_on()).head);
    const auto reply = answer(pending(target, Method::head), page_that_goes_on());
    EXPECT_EQ(reply.head, head);
    EXPECT_EQ(reply.body, "");
}

}  // namespace
}  // namespace kurs::api
