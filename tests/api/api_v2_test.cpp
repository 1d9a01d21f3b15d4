#include "api_fixture.hpp"

namespace kurs::api {
namespace {

struct ApiV2 : ApiFixture {};

TEST_F(ApiV2, AnswersCoursesUncached) {
    const auto reply = get("/api/v2/courses");
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(reply.body.starts_with(R"({"version":3,"exchanger":"binance","as_of":)")) << reply.body;
    EXPECT_TRUE(reply.body.ends_with(R"("legs":[]}]})")) << reply.body;
    EXPECT_TRUE(has(reply, "Content-Type: application/json"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    EXPECT_FALSE(holds(reply.head, "ETag"));
    EXPECT_TRUE(has(reply, "Content-Length: " + std::to_string(reply.body.size())));
}

TEST_F(ApiV2, FiltersAsVersionOneDoes) {
    const auto reply = get("/api/v2/courses?directions=eth-usd,BTC-USD&max_age=1&exchanger=binance");
    EXPECT_FALSE(holds(reply.body, "BTC-RUB"));
    EXPECT_TRUE(holds(reply.body, R"("courses":[{"direction":"BTC-USD","state":"fresh")"));
    EXPECT_EQ(get("/api/v2/courses?direction=BTC-EUR").status, 400U);
    EXPECT_EQ(get("/api/v2/courses?at=2023-01-01T00:00:00Z").status, 400U);
}

TEST_F(ApiV2, AnswersOneCourseHoweverItIsSpelled) {
    for (const auto* target :
         {"/api/v2/courses/BTC-USD", "/api/v2/courses/btc-usd?", "/api/v2/courses/%62TC%2dUSD?max_age=5",
          "http://kurs.example/api/v2/courses/BTC-USD"}) {
        const auto reply = get(target);
        EXPECT_EQ(reply.status, 200U) << target;
        EXPECT_TRUE(holds(reply.body, R"("course":{"direction":"BTC-USD","state":"fresh")")) << reply.body;
        EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    }
    const auto unknown = get("/api/v2/courses/BTC-EUR");
    EXPECT_EQ(unknown.status, 400U);
    EXPECT_TRUE(holds(unknown.body, "Served: BTC-RUB, BTC-USD, ETH-USD."));
}

TEST_F(ApiV2, ShowsTheSameWhenNothingIsFresh) {
    for (const auto* target : {"/api/v2/courses", "/api/v2/courses/BTC-USD"}) {
        const auto reply = get(target, noon + 5s);
        EXPECT_EQ(reply.status, 503U);
        EXPECT_TRUE(has(reply, "Retry-After: 1"));
        EXPECT_TRUE(has(reply, "Content-Type: application/problem+json"));
        EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
        EXPECT_TRUE(reply.body.starts_with(
            R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The exchanger )"
            R"(binance has no fresh course for the requested directions ()"))
            << reply.body;
        EXPECT_TRUE(holds(reply.body, R"(Retry in a second.","version":3,"exchanger":"binance","as_of":)"));
        EXPECT_TRUE(holds(reply.body, R"({"direction":"BTC-USD","state":"stale","reason":"Stale since )"));
        EXPECT_FALSE(holds(reply.body, "54000")) << "no price outside a fresh course";
    }
}

TEST_F(ApiV2, ReportsExchangersThatAreRequestedByName) {
    get("/api/v2/courses");
    get("/api/v2/courses/BTC-USD");
    pending("/api/v2/history/BTC-USD?exchanger=coingecko");
    pending("/api/v2/courses/BTC-USD?exchanger=coingecko&at=2023-01-01T00:00:00Z");
    EXPECT_TRUE(market.requested.empty()) << "the past needs no feed";
    get("/api/v2/courses?exchanger=coingecko");
    get("/api/v2/courses/BTC-USD?exchanger=binance");
    EXPECT_EQ(market.requested, (std::vector{coingecko, binance}));
}

TEST_F(ApiV2, AnswersExchangers) {
    market.lines.push_back({"cbr", cbr, FeedState::live, "", noon, {}, 0});
    const auto reply = get("/api/v2/exchangers");
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    EXPECT_TRUE(holds(
        reply.body,
        R"("sources":[{"venue":"cbr","name":"Bank of Russia","name_ru":"Банк России","lines":[{"name":"cbr",)"))
        << reply.body;
    EXPECT_EQ(get("/api/v2/exchangers?x=1").status, 400U);
}

TEST_F(ApiV2, AnswersHeadLikeGetWithoutTheBody) {
    for (const auto* target :
         {"/api/v2/courses", "/api/v2/courses/ETH-USD", "/api/v2/exchangers",
          "/api/v2/convert?from=BTC&to=USD&amount=1", "/api/v2/history/BTC-EUR", "/api/v2/courses?x=1"}) {
        const std::string head(get(target).head);
        const auto reply = ask(Method::head, target);
        EXPECT_EQ(reply.head, head);
        EXPECT_EQ(reply.body, "");
    }
}

TEST_F(ApiV2, NamesTheMethodsThatAreAllowed) {
    for (const auto* target : {"/api/v2/courses", "/api/v2/courses/BTC-USD", "/api/v2/courses/BTC-EUR",
                               "/api/v2/history/BTC-USD", "/api/v2/exchangers", "/api/v2/convert"}) {
        const auto reply = ask(Method::other, target);
        EXPECT_EQ(reply.status, 405U);
        EXPECT_TRUE(has(reply, "Allow: GET, HEAD"));
        EXPECT_EQ(std::get<ResponseView>(open_api.answer({Method::options, target, {}}, noon)).status, 204U);
    }
}

}  // namespace
}  // namespace kurs::api
