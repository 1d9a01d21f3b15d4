#include "kurs/api/api.hpp"

#include <gtest/gtest.h>

#include "market_fixture.hpp"

namespace kurs::api {
namespace {

struct ApiTest : testing::Test {
    ResponseView get(std::string_view target, std::string_view if_none_match = "") {
        return std::get<ResponseView>(api.answer({Method::get, target, if_none_match}, noon));
    }
    ResponseView ask(Method method, std::string_view target) { return ask(api, method, target); }
    static ResponseView ask(Api& of, Method method, std::string_view target) {
        return std::get<ResponseView>(of.answer({method, target, {}}, noon));
    }

    Market market;
    std::vector<std::string>& reasons = market.reasons;
    Api api{market.sources(), ""};
    Api open_api{market.sources(), "*"};
};

bool has(const ResponseView& reply, std::string_view line) {
    return reply.head.find("\r\n" + std::string(line) + "\r\n") != std::string_view::npos;
}

std::string etag_of(const ResponseView& reply) {
    const auto at = reply.head.find("ETag: ") + 6;
    return std::string(reply.head.substr(at, reply.head.find("\r\n", at) - at));
}

TEST_F(ApiTest, AnswersCourses) {
    const auto reply = get("/api/v1/courses");
    EXPECT_EQ(reply.body, both_courses);
    EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 200 OK\r\n"));
    for (const auto* line : {"Content-Type: application/json", "Cache-Control: no-cache, max-age=0",
                             "Server: kurs", "X-Content-Type-Options: nosniff"}) {
        EXPECT_TRUE(has(reply, line)) << line;
    }
    EXPECT_TRUE(has(reply, "Content-Length: " + std::to_string(both_courses.size())));
}

TEST_F(ApiTest, AnswersHeadLikeGetWithoutTheBody) {
    for (const auto* target :
         {"/api/v1/courses", "/livez", "/readyz", "/courses", "/nothing", "/api/v1/courses?x=1"}) {
        const std::string head(get(target).head);
        const auto reply = ask(Method::head, target);
        EXPECT_EQ(reply.head, head);
        EXPECT_EQ(reply.body, "");
    }
}

TEST_F(ApiTest, AnswersNotModifiedToTheSameEtag) {
    const auto etag = etag_of(get("/api/v1/courses"));
    const auto reply = get("/api/v1/courses", "\"x\", W/" + etag);
    EXPECT_EQ(reply.status, 304U);
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(etag_of(reply), etag);
    EXPECT_TRUE(has(reply, "Cache-Control: no-cache, max-age=0"));
    EXPECT_EQ(reply.head.find("Content-Length"), std::string_view::npos);
    EXPECT_EQ(get("/api/v1/courses", "\"x\"").status, 200U);
    EXPECT_EQ(get("/api/v1/courses", "*").status, 304U);
}

TEST_F(ApiTest, NeverAnswersNotModifiedWhenNothingIsFresh) {
    const auto reply = std::get<ResponseView>(api.answer({Method::get, "/api/v1/courses", "*"}, noon + 5s));
    EXPECT_EQ(reply.status, 503U);
    EXPECT_TRUE(has(reply, "Retry-After: 1"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    EXPECT_NE(reply.body.find("binance has no fresh course"), std::string_view::npos);
}

TEST_F(ApiTest, RefusesWithAProblem) {
    const auto reply = get("/api/v1/courses?direction=BTC-EUR");
    EXPECT_EQ(reply.status, 400U);
    EXPECT_TRUE(has(reply, "Content-Type: application/problem+json"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
    EXPECT_NE(reply.body.find("Served: BTC-RUB, BTC-USD, ETH-USD."), std::string_view::npos);
}

TEST_F(ApiTest, RefusesUnknownPaths) {
    for (const auto* target :
         {"/", "/api/v1/coursesx", "/api/v1/courses/x", "/API/v1/courses", "*", "", "//api/v1/courses",
          "/api/v1/courses//", "/api/v2", "/api/v2/", "/api/v2/history", "/api/v2/history/", "/assets/",
          "//evil.example/", "/api/v3/courses"}) {
        EXPECT_EQ(get(target).status, 404U) << target;
    }
    for (const auto* path : {"/api/v1/courses", "/api/v2/courses/{direction}", "/api/v2/exchangers"}) {
        EXPECT_NE(get("/nothing").body.find(path), std::string_view::npos) << path;
    }
}

TEST_F(ApiTest, ExplainsHowToRequestADirectionInVersion1) {
    for (const auto* path : {"/api/v1/courses/BTC-USD", "/api/v1/courses/BTC-USD/", "/courses/BTC-USD"}) {
        const auto reply = get(path);
        EXPECT_EQ(reply.status, 404U) << path;
        EXPECT_NE(reply.body.find("/api/v1/courses?direction=BTC-USD."), std::string_view::npos) << path;
        EXPECT_NE(reply.body.find("is at /api/v2/courses/BTC-USD."), std::string_view::npos) << path;
    }
}

TEST_F(ApiTest, RedirectsFromAPathWithASlashAtItsEnd) {
    for (const std::string path : {"/api/v1/courses", "/courses", "/docs", "/livez", "/openapi.json",
                                   "/api/v2/courses", "/api/v2/courses/BTC-USD", "/api/v2/history/btc-usd",
                                   "/api/v2/exchangers", "/api/v2/stream", "/api/v2/ws", "/assets/x.js"}) {
        auto reply = get(path + "/?max_age=3");
        EXPECT_EQ(reply.status, 307U) << path;
        EXPECT_TRUE(has(reply, "Location: " + path + "?max_age=3")) << reply.head;
        EXPECT_TRUE(has(reply, "Cache-Control: no-store")) << path;
        EXPECT_TRUE(has(get("http://kurs.example" + path + "/"), "Location: " + path)) << path;
    }
    EXPECT_TRUE(has(ask(Method::other, "/livez/"), "Allow: GET, HEAD"));
    EXPECT_EQ(ask(open_api, Method::options, "/api/v2/courses/").status, 204U);
}

TEST_F(ApiTest, NamesTheMethodsThatAreAllowed) {
    for (const auto method : {Method::other, Method::options}) {
        const auto reply = ask(method, "/api/v1/courses");
        EXPECT_EQ(reply.status, 405U);
        EXPECT_TRUE(has(reply, "Allow: GET, HEAD"));
    }
    EXPECT_EQ(ask(Method::other, "/nothing").status, 404U);
}

TEST_F(ApiTest, RedirectsTheShortPathWithItsQuery) {
    const auto reply = get("/courses?direction=BTC-USD&exchanger=coingeko");
    EXPECT_EQ(reply.status, 307U);
    EXPECT_TRUE(has(reply, "Location: /api/v1/courses?direction=BTC-USD&exchanger=coingeko"));
    EXPECT_TRUE(has(reply, "Content-Length: 0"));
    EXPECT_TRUE(has(get("/courses"), "Location: /api/v1/courses"));
}

TEST_F(ApiTest, AcceptsAnAbsoluteUrlAsTarget) {
    for (const auto* scheme : {"http", "HTTP", "Http", "https"}) {
        const auto url = std::string(scheme) + "://Kurs.example/api/v1/courses?direction=BTC-USD";
        EXPECT_EQ(get(url).status, 200U) << url;
    }
    EXPECT_EQ(get("http://kurs.example").status, 404U);
}

TEST_F(ApiTest, IsAliveEvenWhenItIsNotReady) {
    reasons = {"stopping"};
    EXPECT_EQ(get("/livez").status, 200U);
}

TEST_F(ApiTest, ListsWhyItIsNotReady) {
    EXPECT_EQ(get("/readyz").body, R"({"status":"ready"})");
    reasons = {"nothing is fresh", "stopping"};
    const auto reply = get("/readyz");
    EXPECT_EQ(reply.status, 503U);
    EXPECT_EQ(reply.body, R"({"status":"not ready","reasons":["nothing is fresh","stopping"]})");
    EXPECT_TRUE(has(reply, "Retry-After: 1"));
}

TEST_F(ApiTest, AllowsOtherOriginsOnEveryAnswerIfSet) {
    for (const auto* target : {"/api/v1/courses", "/api/v1/courses?x=1", "/nothing", "/livez", "/courses"}) {
        const auto reply = ask(open_api, Method::get, target);
        EXPECT_TRUE(has(reply, "Access-Control-Allow-Origin: *")) << target;
        EXPECT_TRUE(has(reply, "Access-Control-Expose-Headers: ETag, Retry-After")) << target;
        EXPECT_FALSE(has(reply, "Vary: Origin")) << target;
        EXPECT_EQ(get(target).head.find("Access-Control"), std::string_view::npos) << target;
    }
}

TEST_F(ApiTest, VariesByOriginIfOneIsAllowed) {
    Api one(market.sources(), "https://shop.example");
    const auto reply = ask(one, Method::get, "/api/v1/courses");
    EXPECT_TRUE(has(reply, "Access-Control-Allow-Origin: https://shop.example"));
    EXPECT_TRUE(has(reply, "Vary: Origin"));
}

TEST_F(ApiTest, AnswersAPreflight) {
    const auto reply = ask(open_api, Method::options, "/api/v1/courses");
    EXPECT_TRUE(reply.head.starts_with("HTTP/1.1 204 No Content\r\n"));
    EXPECT_EQ(reply.head.find("Content-Length"), std::string_view::npos) << "it ends with its head";
    for (const auto* line :
         {"Access-Control-Allow-Methods: GET, HEAD, OPTIONS", "Access-Control-Max-Age: 600"}) {
        EXPECT_TRUE(has(reply, line)) << line;
    }
    const auto begin = reply.head.find("Access-Control-Allow-Headers: ");
    const auto allowed = reply.head.substr(begin, reply.head.find("\r\n", begin) - begin);
    for (const auto* name : {"*", "Accept", "Cache-Control", "Content-Type", "If-None-Match", "Last-Event-ID",
                             "Pragma", "X-Request-Id", "X-Requested-With"}) {
        EXPECT_NE((std::string(allowed) + ",").find(std::string(" ") + name + ","), std::string::npos)
            << name;
    }
    EXPECT_EQ(ask(open_api, Method::options, "/nothing").status, 404U);
    EXPECT_TRUE(has(ask(open_api, Method::other, "/livez"), "Allow: GET, HEAD, OPTIONS"));
}

struct KeysTest : testing::Test {
    ResponseView get(std::string_view target, std::string_view authorization) {
        Request request{Method::get, target, {}};
        request.authorization = authorization;
        return std::get<ResponseView>(api.answer(request, noon));
    }
    Sources sources() {
        auto all = market.sources();
        all.access = &rules;
        return all;
    }

    Market market;
    access::Rules rules{{{"shop", access::digest_of("abc"), {access::Scope::read}, 2},
                         {"desk", access::digest_of("abd"), {access::Scope::admin}, 0}},
                        {}};
    Api api{sources(), "*"};
};

TEST_F(KeysTest, RatesNeedAKey) {
    for (const auto* target :
         {"/api/v1/courses", "/api/v2/courses", "/api/v2/courses/BTC-USD", "/api/v2/courses/BTC-USD/explain",
          "/api/v2/convert?from=BTC&to=USD&amount=1", "/api/v2/history/BTC-USD", "/api/v2/exchangers",
          "/api/v2/stream", "/api/v2/ws", "/api/v2/exports/bestchange/explain"}) {
        for (const auto* authorization : {"", "Bearer abcd"}) {
            const auto reply = get(target, authorization);
            EXPECT_EQ(reply.status, 401U) << target;
            EXPECT_TRUE(has(reply, "WWW-Authenticate: Bearer realm=\"kurs\"")) << target;
            EXPECT_TRUE(has(reply, "Cache-Control: no-store")) << target;
        }
    }
    EXPECT_EQ(get("/api/v1/courses", "Bearer abc").body, both_courses);
}

TEST_F(KeysTest, PagesExportsAndProbesNeedNone) {
    for (const auto* target :
         {"/livez", "/readyz", "/openapi.json", "/courses", "/api/v2/exports/bestchange"})
        EXPECT_NE(get(target, "").status / 100, 4U) << target;
    EXPECT_EQ(get("/nothing", "").status, 404U);
}

TEST_F(KeysTest, AKeyIsForItsScopeOnly) {
    EXPECT_EQ(get("/api/v2/exports/bestchange/explain", "Bearer abc").status, 403U);
    EXPECT_EQ(get("/api/v2/exports/bestchange/explain", "Bearer abd").status, 200U);
    const auto reply = get("/api/v1/courses", "Bearer abd");
    EXPECT_EQ(reply.status, 403U);
    EXPECT_NE(reply.body.find(R"(The API key \"desk\" is not for this path.)"), std::string_view::npos);
}

TEST_F(KeysTest, AKeyIsLimited) {
    EXPECT_EQ(get("/api/v1/courses", "Bearer abc").status, 200U);
    EXPECT_EQ(get("/api/v2/courses", "Bearer abc").status, 200U);
    const auto reply = get("/api/v1/courses", "Bearer abc");
    EXPECT_EQ(reply.status, 429U);
    EXPECT_TRUE(has(reply, "Retry-After: 1"));
    EXPECT_NE(reply.body.find(R"(The API key \"shop\" is limited to 2 requests per second.)"),
              std::string_view::npos);
}

TEST_F(KeysTest, PagesOfOtherOriginsMaySendAKey) {
    const auto reply = std::get<ResponseView>(api.answer({Method::options, "/api/v1/courses", {}}, noon));
    EXPECT_EQ(reply.status, 204U);
    EXPECT_NE(reply.head.find("Access-Control-Allow-Headers: *, Accept, Authorization, "),
              std::string_view::npos);
}

}  // namespace
}  // namespace kurs::api
