#include <algorithm>

#include "api/contract_v2.hpp"
#include "api/json_writer.hpp"

namespace kurs::api::v2 {
namespace {

bool is_exchanger(const MarketMap& map, VenueId venue) {
    return std::ranges::find(map.exchangers, venue) != map.exchangers.end();
}

void write_feeds(JsonWriter& json, std::span<const FeedReport> feeds, VenueId venue) {
    json.key("lines");
    json.open('[');
    for (const auto& feed : feeds) {
        if (feed.venue != venue) continue;
        json.open('{');
        json.member("name", feed.name);
        json.member("state", to_string(feed.state));
        json.member("reason", feed.reason);
        json.member("since", feed.since);
        json.member("last_tick_at", feed.last_tick_at);
        json.member("reconnects", feed.reconnects);
        json.close('}');
    }
    json.close(']');
}

void write_title(JsonWriter& json, const VenueTitle& title) {
    json.member("name", title.en);
    json.member("name_ru", title.ru);
}

void write_exchanger(JsonWriter& json, const Board& board, VenueId venue, std::span<const FeedReport> feeds,
                     TimePoint now) {
    const auto& map = board.map();
    json.open('{');
    json.member("exchanger", map.name(venue));
    write_title(json, map.title(venue));
    json.member("is_active", board.active() == venue);
    json.member("fresh", board.count_fresh(venue, now));
    json.member("disputed", board.count_disputed(venue, now));
    json.member("directions", std::ranges::count(map.routes, venue, &Route::venue));
    write_feeds(json, feeds, venue);
    json.close('}');
}

void write_source(JsonWriter& json, const MarketMap& map, VenueId venue, std::span<const FeedReport> feeds) {
    json.open('{');
    json.member("venue", map.name(venue));
    write_title(json, map.title(venue));
    write_feeds(json, feeds, venue);
    json.close('}');
}

void write_period(JsonWriter& json, const ActivePeriod& period) {
    json.open('{');
    json.member("exchanger", period.venue);
    json.member("from", period.from);
    json.member("to", period.to);
    json.member("reason", period.reason);
    json.close('}');
}

}  // namespace

std::string render_exchangers(const Board& board, std::span<const FeedReport> feeds,
                              const FailoverHistory& failovers, TimePoint now) {
    const auto& map = board.map();
    const auto active = board.active();
    JsonWriter json(4096);
    json.open('{');
    json.member("version", board.version());
    json.member("active", active ? std::optional(map.name(*active)) : std::nullopt);
    json.member("as_of", now);
    json.key("exchangers");
    json.open('[');
    for (const VenueId venue : map.exchangers) write_exchanger(json, board, venue, feeds, now);
    json.close(']');
    json.key("sources");
    json.open('[');
    for (std::size_t i = 0; i < map.venues.size(); ++i) {
        const auto venue = static_cast<VenueId>(i);
        if (!is_exchanger(map, venue)) write_source(json, map, venue, feeds);
    }
    json.close(']');
    json.key("journal");
    json.open('[');
    for (const auto& period : failovers.periods()) write_period(json, period);
    json.close(']');
    json.close('}');
    return json.take();
}

}  // namespace kurs::api::v2
