#include "kurs/app/instruments.hpp"

#include <algorithm>
#include <utility>

#include "kurs/runtime/task_group.hpp"

namespace kurs {
namespace {

constexpr Duration look_every = std::chrono::milliseconds(100);
constexpr Duration settles_within = std::chrono::seconds(3);

}  // namespace

Instruments::Instruments(const MarketMap& map) : map_(map) {
    for (const auto& venue : map.venues) pricer_.push_back(metrics_.refused(venue, "pricer"));
    for (const VenueId from : map.exchangers) {
        for (const VenueId to : map.exchangers)
            if (from != to) metrics_.failovers(map.name(from), map.name(to));
    }
}

FeedObserver Instruments::observe_feed(VenueId venue, const std::string& feed) {
    const auto counts = metrics_.feed(map_.name(venue), feed, feed_failure_names());
    return {[counts](const Outcome& outcome) {
                counts.ticks.add(outcome.ticks.size());
                for (const Refusal& refusal : outcome.refusals) counts.refused.add(refusal.reason);
            },
            [counts] { counts.reconnects.add(); },
            [counts](FeedFailure failure) { counts.failures[static_cast<std::size_t>(failure)].add(); }};
}

bool Instruments::note_active(std::optional<VenueId> venue, TimePoint now) {
    if (venue == active_ || !venue) return false;
    const auto before = std::exchange(active_, venue);
    if (!before) started_at_ = now;
    if (!before || now - started_at_ < settles_within) return false;
    metrics_.failovers(map_.name(*before), map_.name(*venue)).add();
    return true;
}

net::awaitable<void> Instruments::watch_loop() {
    for (;;) {
        const auto due = std::chrono::steady_clock::now() + look_every;
        co_await sleep_for(look_every);
        const auto lag = std::chrono::steady_clock::now() - due;
        metrics_.note_loop_lag(std::max(lag, std::chrono::steady_clock::duration::zero()));
    }
}

}  // namespace kurs
