#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/ingest/ingest.hpp"
#include "kurs/metrics/metrics.hpp"

namespace kurs {

namespace net = boost::asio;

/// The service's counters.
class Instruments {
public:
    /// `map` must outlive it.
    explicit Instruments(const MarketMap& map);

    FeedObserver observe_feed(VenueId venue, const std::string& feed);

    /// The pricer refused a value.
    void note_refusal(VenueId venue, errc reason) { pricer_[index(venue)].add(reason); }

    void note_request(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
        metrics_.note_request(route, status, took);
    }

    /// Called after each change: counts a change of the active venue as a failover. The start does not count:
    /// the first exchanger to respond is active until the preferred one has responded too. Returns whether it
    /// counts.
    bool note_active(std::optional<VenueId> venue, TimePoint now);

    /// Measures how late the loop's timers fire, until cancelled.
    net::awaitable<void> watch_loop();

    std::string page(const metrics::Readings& readings) const { return metrics_.render(readings); }

private:
    const MarketMap& map_;
    metrics::Metrics metrics_;
    std::vector<metrics::RefusedCounts> pricer_;  ///< of each venue
    std::optional<VenueId> active_;
    TimePoint started_at_{};  ///< when an exchanger first became active
};

}  // namespace kurs
