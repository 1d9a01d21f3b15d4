#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace kurs::metrics {

/// The series of requests. A route's series are looked up by name once, then by the address of its text,
/// because a request takes only microseconds.
class RequestSeries {
public:
    explicit RequestSeries(prometheus::Registry& registry);

    void note(std::string_view route, unsigned status, std::chrono::nanoseconds took);

private:
    struct Route {
        const char* text;
        std::string_view name;
        prometheus::Histogram* durations;
        std::vector<std::pair<unsigned, prometheus::Counter*>> by_status;
    };

    Route& find(std::string_view route);
    prometheus::Counter& find(Route& route, unsigned status);

    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Histogram>& durations_;
    std::vector<Route> routes_;  ///< few: searched linearly
};

}  // namespace kurs::metrics
