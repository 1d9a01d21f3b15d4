#include <gtest/gtest.h>

#include "api_fixture.hpp"

namespace kurs::api {
namespace {

struct ApiMetrics : testing::Test {
    ResponseView ask(std::string_view accept, Method method = Method::get) {
        return std::get<ResponseView>(api.answer({method, "/metrics", {}, accept}, noon));
    }
    Sources sources() {
        auto all = market.sources();
        all.metrics = [this] { return "kurs_pages " + std::to_string(++pages) + "\n"; };
        return all;
    }

    int pages = 0;
    Market market;
    Api api{sources(), ""};
};

TEST_F(ApiMetrics, RendersTheMetricsOnEachRequest) {
    EXPECT_EQ(ask("").body, "kurs_pages 1\n");
    const auto reply = ask("");
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.body, "kurs_pages 2\n");
    EXPECT_EQ(reply.route, "/metrics");
    EXPECT_TRUE(has(reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
}

TEST_F(ApiMetrics, RefusesOtherFormats) {
    const auto reply = ask("application/json");
    EXPECT_EQ(reply.status, 406u);
    EXPECT_TRUE(holds(reply.head, "406 Not Acceptable"));
    EXPECT_TRUE(has(reply, "Content-Type: application/problem+json"));
    EXPECT_EQ(pages, 0);
}

TEST_F(ApiMetrics, WithoutASourceNothingIsServed) {
    Api bare{market.sources(), ""};
    EXPECT_EQ(std::get<ResponseView>(bare.answer({Method::get, "/metrics", {}}, noon)).status, 404u);
}

}  // namespace
}  // namespace kurs::api
