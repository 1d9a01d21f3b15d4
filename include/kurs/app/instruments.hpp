#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <vector>

#include "kurs/domain/market_map.hpp"
#include "kurs/feed/feed_state.hpp"
#include "kurs/metrics/metrics.hpp"

namespace kurs {

namespace net = boost::asio;

/// What is counted of the service, from its start on.
class Instruments {
public:
    /// `map` must outlive it.
    explicit Instruments(const MarketMap& map);

    metrics::LineCounts line(VenueId venue, const std::string& name);

    /// The pricer did not believe a value.
    void note_refusal(VenueId venue, errc reason) { pricer_[index(venue)].add(reason); }

    void note_request(std::string_view route, unsigned status, std::chrono::nanoseconds took) {
        metrics_.note_request(route, status, took);
    }

    /// To be called often: counts a change as a failover. At the start there is none: the first exchanger to
    /// answer is active until the preferred one has answered too.
    void note_active(std::optional<VenueId> venue, TimePoint now);

    /// Measures how late the loop's timers wake, until it is cancelled.
    net::awaitable<void> watch_loop();

    std::string page(const metrics::Readings& readings) const { return metrics_.render(readings); }

private:
    const MarketMap& map_;
    metrics::Metrics metrics_;
    std::vector<metrics::RefusedCounts> pricer_;  ///< of each venue
    std::optional<VenueId> active_;
    TimePoint started_at_{};  ///< when an exchanger became active first
};

}  // namespace kurs
