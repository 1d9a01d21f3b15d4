#include "api_fixture.hpp"

namespace kurs::api {
namespace {

constexpr std::string_view page = "<!doctype html><title>Kurs</title>";
constexpr Asset assets[] = {{"/", "text/html; charset=utf-8", "\"p1\"", page},
                            {"/docs", "text/html; charset=utf-8", "\"d1\"", "<title>API</title>", "packed"},
                            {"/assets/page.js", "text/javascript; charset=utf-8", "\"j1\"", "let a;"}};

struct ApiAssets : testing::Test {
    ResponseView get(std::string_view target, std::string_view known = {}, Method method = Method::get) {
        return std::get<ResponseView>(api.answer({method, target, known}, noon));
    }
    static Sources sources_with_assets(Market& market) {
        auto sources = market.sources();
        sources.assets = assets;
        return sources;
    }

    Market market;
    Api api{sources_with_assets(market), ""};
};

TEST_F(ApiAssets, ServesPagesAndTheirAssets) {
    const auto reply = get("/");
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.body, page);
    EXPECT_TRUE(has(reply, "Content-Type: text/html; charset=utf-8"));
    EXPECT_TRUE(has(reply, "Content-Length: 34"));
    EXPECT_TRUE(has(reply, "ETag: \"p1\""));
    EXPECT_TRUE(has(reply, "Cache-Control: no-cache"));
    EXPECT_TRUE(has(reply, "X-Content-Type-Options: nosniff"));
    EXPECT_EQ(get("/docs").body, "<title>API</title>");
    EXPECT_EQ(get("/assets/page.js").body, "let a;");
    EXPECT_TRUE(has(get("/assets/page.js"), "Content-Type: text/javascript; charset=utf-8"));
}

TEST_F(ApiAssets, APageMayHaveAQuery) {
    EXPECT_EQ(get("/?exchanger=coingecko").body, page);
}

TEST_F(ApiAssets, BodiesAreNotCopied) {
    const auto reply = get("/");
    EXPECT_TRUE(reply.is_lasting);
    EXPECT_EQ(reply.body.data(), page.data());
    EXPECT_FALSE(get("/assets/other.js").is_lasting);
}

TEST_F(ApiAssets, ACachedAssetIsNotSentAgain) {
    const auto reply = get("/docs", "\"x\", W/\"d1\"");
    EXPECT_EQ(reply.status, 304U);
    EXPECT_TRUE(reply.body.empty());
    EXPECT_TRUE(has(reply, "ETag: \"d1\""));
    EXPECT_TRUE(holds(reply.head, "\r\nContent-Security-Policy: "));
    EXPECT_EQ(get("/docs", "\"d0\"").status, 200U);
}

TEST_F(ApiAssets, AClientThatAcceptsGzipGetsTheCompressedForm) {
    const auto ask = [this](std::string_view target, std::string_view encodings,
                            std::string_view known = {}) {
        Request request{Method::get, target, known};
        request.accept_encoding = encodings;
        return std::get<ResponseView>(api.answer(request, noon));
    };
    for (const auto* encodings :
         {"gzip, deflate, br", "br;q=1, GZIP; q=0.5", "*", "identity;q=0.5, *;q=0.1"}) {
        const auto reply = ask("/docs", encodings);
        EXPECT_EQ(reply.body, "packed") << encodings;
        EXPECT_TRUE(has(reply, "Content-Encoding: gzip"));
        EXPECT_TRUE(has(reply, "Content-Length: 6"));
        EXPECT_TRUE(has(reply, "Vary: Accept-Encoding"));
        EXPECT_TRUE(has(reply, "ETag: \"d1-gzip\""));
    }
    for (const auto* encodings : {"", "br", "gzip;q=0", "*, gzip;q=0.0", "gzip;q=x", "*;q=0"}) {
        const auto reply = ask("/docs", encodings);
        EXPECT_EQ(reply.body, "<title>API</title>") << encodings;
        EXPECT_TRUE(has(reply, "Vary: Accept-Encoding"));
        EXPECT_FALSE(holds(reply.head, "Content-Encoding"));
    }
    EXPECT_EQ(ask("/docs", "gzip", "\"d1-gzip\"").status, 304U);
    EXPECT_EQ(ask("/docs", "gzip", "\"d1\"").status, 200U) << "the form that it has is another one";
    EXPECT_EQ(ask("/", "gzip").body, page) << "it has no compressed form";
}

TEST_F(ApiAssets, AnswersHeadLikeGetWithoutTheBody) {
    const auto reply = get("/", {}, Method::head);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_TRUE(reply.body.empty());
    const std::string head(reply.head);
    EXPECT_EQ(head, get("/").head);
}

TEST_F(ApiAssets, APageMayNotLoadOrRequestFromOtherOrigins) {
    for (const auto* target : {"/", "/docs", "/assets/page.js"}) {
        const std::string head(get(target).head);
        const auto begin = head.find("\r\nContent-Security-Policy: ") + 2;
        const auto policy = head.substr(begin, head.find("\r\n", begin) - begin);
        for (const auto* rule : {"default-src 'none'", "script-src 'self';", "connect-src 'self'",
                                 "frame-ancestors 'none'", "base-uri 'none'"})
            EXPECT_TRUE(holds(policy, rule)) << policy;
        EXPECT_FALSE(holds(policy, "unsafe-eval") || holds(policy, "http")) << policy;
        EXPECT_TRUE(holds(head, "\r\nReferrer-Policy: no-referrer\r\n"));
    }
}

TEST_F(ApiAssets, UnknownAssetsAreProblems) {
    for (const auto* target : {"/assets/other.js", "/assets/page.js/x", "/assets/", "/assets/../page.js"}) {
        const auto reply = get(target);
        EXPECT_EQ(reply.status, 404U) << target;
        EXPECT_TRUE(has(reply, "Content-Type: application/problem+json"));
    }
    EXPECT_EQ(get("/", {}, Method::other).status, 405U);
}

}  // namespace
}  // namespace kurs::api
