#include "kurs/metrics/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "metrics/families.hpp"
#include "metrics/request_series.hpp"

namespace kurs::metrics {
namespace {

const prometheus::Histogram::BucketBoundaries lags{5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2.5e-2,
                                                   5e-2, 0.1,  0.25, 0.5,  1,    2.5};

prometheus::Family<prometheus::Counter>& count(prometheus::Registry& registry, const char* name,
                                               const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Series {
    prometheus::Registry registry;
    RequestSeries requests{registry};
    prometheus::Family<prometheus::Counter>& ticks =
        count(registry, "kurs_ticks_total", "Values delivered by a feed, accepted or refused.");
    prometheus::Family<prometheus::Counter>& refused =
        count(registry, "kurs_refused_values_total",
              "Values and frames refused by a feed, or by the price rules (feed=\"pricer\").");
    prometheus::Family<prometheus::Counter>& reconnects =
        count(registry, "kurs_feed_reconnects_total", "Lost connections that had delivered values.");
    prometheus::Family<prometheus::Counter>& failures =
        count(registry, "kurs_feed_failures_total",
              "Failed connection attempts and connections of a feed, by kind.");
    prometheus::Family<prometheus::Counter>& failovers =
        count(registry, "kurs_failovers_total", "Changes of the active exchanger served by this replica.");
    prometheus::Histogram& loop_lag = prometheus::BuildHistogram()
                                          .Name("kurs_loop_lag_seconds")
                                          .Help("Event loop lag: how late timers fire.")
                                          .Register(registry)
                                          .Add({}, lags);
};

Metrics::Metrics() : series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Count::add(std::uint64_t number) const {
    counter_->Increment(static_cast<double>(number));
}

void Metrics::note_request(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
    series_->requests.note(route, status, took);
}

void Metrics::note_loop_lag(std::chrono::nanoseconds lag) {
    series_->loop_lag.Observe(std::chrono::duration<double>(lag).count());
}

FeedCounts Metrics::feed(const std::string& venue, const std::string& feed,
                         std::span<const std::string_view> failure_kinds) {
    std::vector<Count> failures;
    for (const auto kind : failure_kinds)
        failures.emplace_back(
            series_->failures.Add({{"venue", venue}, {"feed", feed}, {"kind", std::string(kind)}}));
    return {Count(series_->ticks.Add({{"venue", venue}, {"feed", feed}})),
            Count(series_->reconnects.Add({{"venue", venue}, {"feed", feed}})), refused(venue, feed),
            std::move(failures)};
}

RefusedCounts Metrics::refused(const std::string& venue, const std::string& feed) {
    std::vector<Count> of_each;
    for (std::size_t reason = 0; reason < errc_count; ++reason) {
        const std::string name(to_string(static_cast<errc>(reason)));
        of_each.emplace_back(series_->refused.Add({{"venue", venue}, {"feed", feed}, {"reason", name}}));
    }
    return RefusedCounts(std::move(of_each));
}

Count Metrics::failovers(const std::string& from, const std::string& to) {
    return Count(series_->failovers.Add({{"from", from}, {"to", to}}));
}

std::string Metrics::render(const Readings& readings) const {
    auto families = series_->registry.Collect();
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    // The registry is not sorted.
    const auto by_labels = [](const auto& a, const auto& b) { return a.label < b.label; };
    for (auto& family : families) std::sort(family.metric.begin(), family.metric.end(), by_labels);
    auto read = to_families(readings);
    families.insert(families.end(), std::make_move_iterator(read.begin()),
                    std::make_move_iterator(read.end()));
    std::ostringstream page;
    prometheus::TextSerializer().Serialize(page, families);
    return std::move(page).str();
}

}  // namespace kurs::metrics
