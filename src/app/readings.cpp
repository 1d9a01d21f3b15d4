#include "kurs/app/readings.hpp"

#include <array>

#include "kurs/app/version.hpp"

namespace kurs {
namespace {

const std::array line_states{to_string(FeedState::waiting), to_string(FeedState::connecting),
                             to_string(FeedState::live), to_string(FeedState::stale),
                             to_string(FeedState::backing_off)};
const std::array roles{to_string(Role::alone), to_string(Role::follower), to_string(Role::leader)};

/// Nobody takes a quote from the future: clocks differ by some milliseconds.
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
        readings.courses.push_back(
            {map.direction(direction).text(), age_of(quote, now), is_fresh(quote, now)});
    }
    for (const Route& route : map.routes) {
        const auto* const quote = board.find(route.venue, route.direction);
        readings.quotes.push_back({map.name(route.venue), map.direction(route.direction).text(),
                                   age_of(quote, now), is_fresh(quote, now)});
    }
}

void read_lines(const Listening& listening, const MarketMap& map, metrics::Readings& readings) {
    for (const auto& line : listening.lines().lines()) {
        readings.lines.push_back(
            {map.name(line.venue), line.name, {line.state, line_states}, line.last_tick_at});
    }
}

metrics::CopyReading read_copy(const Sharing& sharing, const Board& board, TimePoint now) {
    metrics::CopyReading copy;
    const auto role = sharing.role();
    copy.role = {role ? to_string(*role) : "", roles};
    copy.epoch = static_cast<std::uint64_t>(sharing.epoch());
    copy.copies = sharing.copies();
    // The version of a shared view is the moment at which it was made.
    const auto version = std::chrono::microseconds(static_cast<std::int64_t>(board.version()));
    if (version.count() > 0)
        copy.view_age = std::chrono::duration_cast<Duration>(now.time_since_epoch() - version);
    return copy;
}

metrics::UpstreamReading read_coingecko(const ReadingPoints& points, TimePoint now) {
    const auto& plan = points.configuration.coingecko_plan;
    return {"coingecko", coingecko::credits_left(plan, points.spending, now),
            points.spending.resting_until > now};
}

}  // namespace

metrics::Readings take_readings(const ReadingPoints& points) {
    const auto now = points.clock.now();
    const auto& map = points.configuration.market;
    metrics::Readings readings;
    readings.version = build_version;
    read_board(points.board, now, readings);
    if (points.listening) read_lines(*points.listening, map, readings);
    if (points.sharing) readings.copy = read_copy(*points.sharing, points.board, now);
    readings.archive = points.history.reading(now);
    if (map.find_venue("coingecko")) readings.upstreams.push_back(read_coingecko(points, now));
    readings.connections = points.server.connections();
    const auto push = points.server.push_counts();
    readings.push = {push.event_streams, push.web_sockets, push.messages, push.cut, push.refused};
    readings.process = metrics::read_process();
    return readings;
}

}  // namespace kurs
