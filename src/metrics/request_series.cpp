#include "metrics/request_series.hpp"

#include <algorithm>

namespace kurs::metrics {
namespace {

constexpr std::string_view no_route = "other";

/// More rows than the routing table will have; what comes beyond is not told apart.
constexpr std::size_t most_routes = 64;

/// From what an answer in memory takes to what a question to history may.
const prometheus::Histogram::BucketBoundaries durations{1e-5, 2e-5, 5e-5,   1e-4, 2e-4, 5e-4, 1e-3, 2e-3,
                                                        5e-3, 1e-2, 2.5e-2, 5e-2, 0.1,  0.25, 0.5,  1};

}  // namespace

RequestSeries::RequestSeries(prometheus::Registry& registry)
    : requests_(prometheus::BuildCounter()
                    .Name("kurs_http_requests_total")
                    .Help("Answers to clients, by the row of the routing table and the status.")
                    .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("kurs_http_request_duration_seconds")
                     .Help("From the last byte of a request that was read to its answer.")
                     .Register(registry)) {}

void RequestSeries::note(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
    auto& known = find(route);
    find(known, status).Increment();
    known.durations->Observe(std::chrono::duration<double>(took).count());
}

RequestSeries::Route& RequestSeries::find(std::string_view route) {
    if (route.empty()) route = no_route;
    const auto known = std::ranges::find(routes_, route.data(), &Route::text);
    if (known != routes_.end()) return *known;
    if (routes_.size() >= most_routes && route != no_route) return find(no_route);
    auto& durations_of_route = durations_.Add({{"route", std::string(route)}}, durations);
    auto& added = routes_.emplace_back(Route{route.data(), route, &durations_of_route, {}});
    // From 0 on, or the first of them would be no change that alerts could see.
    find(added, 503);
    return added;
}

prometheus::Counter& RequestSeries::find(Route& route, unsigned status) {
    for (const auto& [known, counter] : route.by_status) {
        if (known == status) return *counter;
    }
    auto& counter = requests_.Add({{"route", std::string(route.name)}, {"status", std::to_string(status)}});
    route.by_status.emplace_back(status, &counter);
    return counter;
}

}  // namespace kurs::metrics
