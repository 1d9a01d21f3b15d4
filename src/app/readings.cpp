#include "kurs/app/readings.hpp"

#include <array>

#include "kurs/app/version.hpp"

namespace kurs {
namespace {

const std::array feed_states{to_string(FeedState::waiting), to_string(FeedState::connecting),
                             to_string(FeedState::live), to_string(FeedState::stale),
                             to_string(FeedState::backing_off)};
const std::array roles{to_string(Role::standalone), to_string(Role::follower), to_string(Role::leader)};

/// A quote's age is never negative: clocks differ by some milliseconds.
std::optional<Duration> age_of(const Quote* quote, TimePoint now) {
    if (!quote) return std::nullopt;
    return std::max(Duration(now - quote->observed_at), Duration{0});
}

bool is_fresh(const Quote* quote, TimePoint now) {
    return quote && quote->is_fresh(now);
}

void read_board(const Board& board, TimePoint now, metrics::Readings& readings) {
    const auto& map = board.map();
    const auto active = board.active();
    for (const VenueId venue : map.exchangers)
        readings.exchangers.push_back({map.name(venue), active == venue});
    for (std::size_t i = 0; i < map.directions.size(); ++i) {
        const auto direction = static_cast<DirectionId>(i);
        const auto* const quote = active ? board.find(*active, direction) : nullptr;
        readings.directions.push_back(
            {map.direction(direction).text(), age_of(quote, now), is_fresh(quote, now)});
    }
    for (const Route& route : map.routes) {
        const auto* const quote = board.find(route.venue, route.direction);
        readings.quotes.push_back({map.name(route.venue), map.direction(route.direction).text(),
                                   age_of(quote, now), is_fresh(quote, now),
                                   quote && quote->is_disputed() && now < quote->fresh_until});
    }
}

void read_feeds(const Ingest& ingest, const MarketMap& map, metrics::Readings& readings) {
    for (const auto& feed : ingest.feeds())
        readings.feeds.push_back(
            {map.name(feed.venue), feed.name, {to_string(feed.state), feed_states}, feed.last_tick_at});
}

metrics::ReplicaReading read_replica(const ReplicaStatus& status, const Board& board, TimePoint now) {
    metrics::ReplicaReading replica;
    replica.role = {status.role ? to_string(*status.role) : "", roles};
    replica.epoch = static_cast<std::uint64_t>(status.epoch);
    replica.replicas = status.replicas;
    replica.entries = status.entries.taken;
    replica.late_entries = status.entries.late;
    // The version of a shared board is the beginning of its slot.
    const auto version = std::chrono::microseconds(static_cast<std::int64_t>(board.version()));
    if (version.count() > 0)
        replica.board_age = std::chrono::duration_cast<Duration>(now.time_since_epoch() - version);
    return replica;
}

}  // namespace

metrics::Readings take_readings(const ReadingPoints& points) {
    const auto now = points.clock.now();
    metrics::Readings readings;
    readings.version = build_version;
    read_board(points.board, now, readings);
    if (points.ingest.is_listening()) read_feeds(points.ingest, points.map, readings);
    if (const auto status = points.log.status()) readings.replica = read_replica(*status, points.board, now);
    readings.archive = points.history.reading(now);
    for (const auto& [name, budget] : points.metered)
        readings.upstreams.push_back({name, budget.credits_left(now), budget.is_resting(now)});
    readings.connections = points.server.connections();
    const auto push = points.front.push_counts();
    readings.push = {push.event_streams, push.web_sockets, push.messages, push.cut, push.refused};
    readings.process = metrics::read_process();
    return readings;
}

}  // namespace kurs
