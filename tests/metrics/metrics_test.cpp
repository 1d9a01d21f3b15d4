#include "kurs/metrics/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace kurs::metrics {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> kinds{"connect", "certificate"};

bool has_line(const std::string& page, const std::string& line) {
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

/// The number of series, without the comment lines.
std::size_t count_series(const std::string& page) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < page.size(); at = page.find('\n', at) + 1)
        if (page[at] != '#') ++count;
    return count;
}

TEST(Metrics, CountsRequestsByRouteAndStatus) {
    Metrics metrics;
    metrics.note_request("/readyz", 200, 30us);
    metrics.note_request("/readyz", 200, 30us);
    metrics.note_request("/readyz", 503, 30us);
    const auto page = metrics.render({});
    EXPECT_TRUE(has_line(page, R"(kurs_http_requests_total{route="/readyz",status="200"} 2)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_http_requests_total{route="/readyz",status="503"} 1)")) << page;
}

TEST(Metrics, ASlowAnswerIsInALaterBucketThanAFastOne) {
    Metrics metrics;
    metrics.note_request("/readyz", 200, 15us);
    metrics.note_request("/readyz", 200, 300ms);
    const auto page = metrics.render({});
    const std::string bucket = R"(kurs_http_request_duration_seconds_bucket{route="/readyz",le=")";
    EXPECT_TRUE(has_line(page, bucket + R"(1e-05"} 0)")) << page;
    EXPECT_TRUE(has_line(page, bucket + R"(2e-05"} 1)")) << page;
    EXPECT_TRUE(has_line(page, bucket + R"(0.25"} 1)")) << page;
    EXPECT_TRUE(has_line(page, bucket + R"(0.5"} 2)")) << page;
    EXPECT_TRUE(has_line(page, bucket + R"(+Inf"} 2)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_http_request_duration_seconds_count{route="/readyz"} 2)")) << page;
}

TEST(Metrics, RequestsWithoutARouteAreOther) {
    Metrics metrics;
    metrics.note_request("", 404, 20us);
    EXPECT_TRUE(has_line(metrics.render({}), R"(kurs_http_requests_total{route="other",status="404"} 1)"));
}

TEST(Metrics, RoutesBeyondTheLimitShareASeries) {
    std::array<std::string, 200> routes;
    for (std::size_t i = 0; i < routes.size(); ++i) routes[i] = "/" + std::to_string(i);
    Metrics metrics;
    for (const auto& route : routes) metrics.note_request(route, 200, 20us);
    const auto held = count_series(metrics.render({}));
    for (const auto& route : routes) metrics.note_request(route, 200, 20us);
    const auto page = metrics.render({});
    EXPECT_EQ(count_series(page), held);
    EXPECT_TRUE(has_line(page, R"(kurs_http_requests_total{route="other",status="200"} 272)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_http_requests_total{route="/63",status="200"} 2)")) << page;
}

TEST(Metrics, AFeedStartsAtZeroInAllOfItsSeries) {
    Metrics metrics;
    metrics.feed("binance", "binance", kinds);
    const auto page = metrics.render({});
    EXPECT_TRUE(has_line(page, R"(kurs_ticks_total{feed="binance",venue="binance"} 0)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_feed_reconnects_total{feed="binance",venue="binance"} 0)")) << page;
    EXPECT_TRUE(
        has_line(page, R"(kurs_feed_failures_total{feed="binance",kind="certificate",venue="binance"} 0)"))
        << page;
    for (std::size_t i = 0; i < errc_count; ++i) {
        const std::string reason(to_string(static_cast<errc>(i)));
        EXPECT_TRUE(has_line(page, R"(kurs_refused_values_total{feed="binance",reason=")" + reason +
                                       R"(",venue="binance"} 0)"))
            << page;
    }
}

TEST(Metrics, CountsAFeedsEvents) {
    Metrics metrics;
    const auto feed = metrics.feed("binance", "binance", kinds);
    feed.ticks.add(3);
    feed.refused.add(errc::jump);
    feed.failures[1].add();
    // As when a replica leads again.
    metrics.feed("binance", "binance", kinds).ticks.add();
    const auto page = metrics.render({});
    EXPECT_TRUE(has_line(page, R"(kurs_ticks_total{feed="binance",venue="binance"} 4)")) << page;
    EXPECT_TRUE(
        has_line(page, R"(kurs_refused_values_total{feed="binance",reason="jump",venue="binance"} 1)"))
        << page;
    EXPECT_TRUE(
        has_line(page, R"(kurs_feed_failures_total{feed="binance",kind="certificate",venue="binance"} 1)"))
        << page;
}

TEST(Metrics, ThePricersRefusalsAreListedWithThoseOfFeeds) {
    Metrics metrics;
    metrics.refused("binance", "pricer").add(errc::out_of_bounds);
    EXPECT_TRUE(
        has_line(metrics.render({}),
                 R"(kurs_refused_values_total{feed="pricer",reason="out_of_bounds",venue="binance"} 1)"));
}

TEST(Metrics, FailoversAreCountedByWhereFromAndWhereTo) {
    Metrics metrics;
    metrics.failovers("coingecko", "binance");
    metrics.failovers("binance", "coingecko").add();
    const auto page = metrics.render({});
    EXPECT_TRUE(has_line(page, R"(kurs_failovers_total{from="binance",to="coingecko"} 1)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_failovers_total{from="coingecko",to="binance"} 0)")) << page;
}

TEST(Metrics, TheLoopsLagIsAHistogram) {
    Metrics metrics;
    metrics.note_loop_lag(80us);
    metrics.note_loop_lag(300ms);
    const auto page = metrics.render({});
    EXPECT_TRUE(has_line(page, R"(kurs_loop_lag_seconds_bucket{le="0.0005"} 1)")) << page;
    EXPECT_TRUE(has_line(page, R"(kurs_loop_lag_seconds_bucket{le="0.5"} 2)")) << page;
}

}  // namespace
}  // namespace kurs::metrics
