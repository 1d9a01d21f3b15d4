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

/// A counter. Cheap to copy, and valid as long as its Metrics.
class Count {
public:
    explicit Count(prometheus::Counter& counter) : counter_(&counter) {}
    void add(std::uint64_t number = 1) const;

private:
    prometheus::Counter* counter_;
};

/// Counters of refused values, by reason.
class RefusedCounts {
public:
    explicit RefusedCounts(std::vector<Count> of_each) : of_each_(std::move(of_each)) {}
    void add(errc reason) const { of_each_[static_cast<std::size_t>(reason)].add(); }

private:
    std::vector<Count> of_each_;  ///< in the order of errc
};

/// The counters of one feed.
struct FeedCounts {
    Count ticks;
    Count reconnects;
    RefusedCounts refused;
    std::vector<Count> failures;  ///< in the order of the given kinds
};

/// All counters, and the page that shows them with the current readings. A series is created when it is first
/// named, so callers must limit the number of names. Used on the loop only.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Takes about ten nanoseconds. `route` must be static text from a small set; empty if no route served
    /// the request.
    void note_request(std::string_view route, unsigned status, std::chrono::nanoseconds took);

    void note_loop_lag(std::chrono::nanoseconds lag);

    // Each counter begins at 0, so that the first event is seen as a change. Naming a counter again returns
    // the same one.

    FeedCounts feed(const std::string& venue, const std::string& feed,
                    std::span<const std::string_view> failure_kinds);
    RefusedCounts refused(const std::string& venue, const std::string& feed);
    Count failovers(const std::string& from, const std::string& to);

    /// The page, in the Prometheus text format 0.0.4.
    std::string render(const Readings& readings) const;

private:
    struct Series;
    std::unique_ptr<Series> series_;
};

}  // namespace kurs::metrics
