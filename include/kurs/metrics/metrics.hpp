#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/domain/errc.hpp"
#include "kurs/metrics/readings.hpp"

namespace prometheus {
class Counter;
}

namespace kurs::metrics {

/// Counts one thing. Cheap to copy, and valid as long as the Metrics that it came from.
class Count {
public:
    explicit Count(prometheus::Counter& counter) : counter_(&counter) {}
    void add(std::uint64_t number = 1) const;

private:
    prometheus::Counter* counter_;
};

/// Values that were not believed, by reason.
class RefusedCounts {
public:
    explicit RefusedCounts(std::vector<Count> of_each) : of_each_(std::move(of_each)) {}
    void add(errc reason) const { of_each_[static_cast<std::size_t>(reason)].add(); }

private:
    std::vector<Count> of_each_;  ///< in the order of errc
};

/// What one line to a venue does.
struct LineCounts {
    Count ticks;
    Count reconnects;
    RefusedCounts refused;
    std::vector<Count> failures;  ///< in the order of the kinds that were named
};

/// All that is counted, and the page that shows it with what is read at that moment. Series are made when
/// they are named first, so whoever names them sees to it that there are few. Used on the loop only.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Costs some ten nanoseconds. `route`: a text that lives for ever, one of few; empty for what no route
    /// served.
    void note_request(std::string_view route, unsigned status, std::chrono::nanoseconds took);

    void note_loop_lag(std::chrono::nanoseconds lag);

    // Each of these begins at 0, so that the first event is seen as a change. Naming the same again
    // continues.

    LineCounts line(const std::string& venue, const std::string& line,
                    std::span<const std::string_view> failure_kinds);
    RefusedCounts refused(const std::string& venue, const std::string& line);
    Count failovers(const std::string& from, const std::string& to);

    /// The page, in Prometheus' text format 0.0.4.
    std::string render(const Readings& readings) const;

private:
    struct Series;
    std::unique_ptr<Series> series_;
};

}  // namespace kurs::metrics
