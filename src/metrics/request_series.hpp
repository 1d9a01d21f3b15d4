#pragma once

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

namespace kurs::metrics {

/// The series of requests. A route's are looked up by name once; from then on it is known by where its text
/// lies, since a request is answered within some microseconds and is not to pay for names.
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
    std::vector<Route> routes_;  ///< few: looked through
};

}  // namespace kurs::metrics
