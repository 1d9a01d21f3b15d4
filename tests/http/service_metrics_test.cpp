#include <gtest/gtest.h>

#include "service_fixture.hpp"

namespace kurs::http {
namespace {

struct ServiceMetricsTest : testing::Test {
    Reply ask(std::string_view accept, Method method = Method::get) {
        return std::get<Reply>(service.answer({method, "/metrics", {}, accept}, noon));
    }
    ServiceSources sources() {
        auto all = market.sources();
        all.metrics = [this] { return "kurs_pages " + std::to_string(++pages) + "\n"; };
        return all;
    }

    int pages = 0;
    Market market;
    Service service{sources(), ""};
};

TEST_F(ServiceMetricsTest, ShowsWhatItIsGivenAnewEachTime) {
    EXPECT_EQ(ask("").body, "kurs_pages 1\n");
    const auto reply = ask("");
    EXPECT_EQ(reply.status, 200u);
    EXPECT_EQ(reply.body, "kurs_pages 2\n");
    EXPECT_EQ(reply.route, "/metrics");
    EXPECT_TRUE(has(reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8"));
    EXPECT_TRUE(has(reply, "Cache-Control: no-store"));
}

TEST_F(ServiceMetricsTest, RefusesWhoWantsAnotherFormat) {
    const auto reply = ask("application/json");
    EXPECT_EQ(reply.status, 406u);
    EXPECT_TRUE(holds(reply.head, "406 Not Acceptable"));
    EXPECT_TRUE(has(reply, "Content-Type: application/problem+json"));
    EXPECT_EQ(pages, 0);
}

TEST_F(ServiceMetricsTest, WithoutASourceNothingIsServed) {
    Service bare{market.sources(), ""};
    EXPECT_EQ(std::get<Reply>(bare.answer({Method::get, "/metrics", {}}, noon)).status, 404u);
}

}  // namespace
}  // namespace kurs::http
