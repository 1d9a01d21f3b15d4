#include "metrics/request_series.hpp"

#include <algorithm>

namespace kurs::metrics {
namespace {

constexpr std::string_view no_route = "other";

/// More rows than the routing table will have; any beyond share one series.
constexpr std::size_t most_routes = 64;

/// From the duration of an in-memory response to the limit of a history question.
const prometheus::Histogram::BucketBoundaries durations{1e-5, 2e-5, 5e-5,   1e-4, 2e-4, 5e-4, 1e-3, 2e-3,
                                                        5e-3, 1e-2, 2.5e-2, 5e-2, 0.1,  0.25, 0.5,  1};

}  // namespace

RequestSeries::RequestSeries(prometheus::Registry& registry)
    : requests_(prometheus::BuildCounter()
                    .Name("kurs_http_requests_total")
                    .Help("Responses to clients, by route and status.")
                    .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("kurs_http_request_duration_seconds")
                     .Help("Time from the last byte read of a request to its response.")
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
    // Starts at 0, since alerts cannot see a series' first value as a change.
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
