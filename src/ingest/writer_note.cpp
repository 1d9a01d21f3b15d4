#include "kurs/ingest/writer_note.hpp"

#include <nlohmann/json.hpp>

namespace kurs {
namespace {

using nlohmann::json;

std::int64_t milliseconds_of(TimePoint time) {
    return time.time_since_epoch().count();
}

TimePoint read_time(const json& text) {
    return TimePoint{Duration{text.get<std::int64_t>()}};
}

json feed_text(const MarketMap& map, const FeedReport& feed) {
    json text{
        {"name", feed.name},     {"venue", map.name(feed.venue)},        {"state", to_string(feed.state)},
        {"reason", feed.reason}, {"since", milliseconds_of(feed.since)}, {"reconnects", feed.reconnects}};
    if (feed.last_tick_at) text["last_tick_at"] = milliseconds_of(*feed.last_tick_at);
    return text;
}

FeedReport read_feed(VenueId venue, const json& text) {
    FeedReport feed;
    feed.name = text.at("name").get<std::string>();
    feed.venue = venue;
    feed.state = parse_feed_state(text.at("state").get_ref<const std::string&>()).value();
    feed.reason = text.at("reason").get<std::string>();
    feed.since = read_time(text.at("since"));
    if (text.contains("last_tick_at")) feed.last_tick_at = read_time(text.at("last_tick_at"));
    feed.reconnects = text.at("reconnects").get<std::uint64_t>();
    return feed;
}

}  // namespace

std::string to_text(const MarketMap& map, const WriterNote& note) {
    json text{{"feeds", json::array()}, {"budgets", note.budgets}};
    for (const auto& feed : note.feeds) text["feeds"].push_back(feed_text(map, feed));
    return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

result<WriterNote> parse_writer_note(const MarketMap& map, std::string_view text) {
    try {
        const auto document = json::parse(text);
        WriterNote note;
        for (const auto& feed : document.at("feeds")) {
            const auto venue = map.find_venue(feed.at("venue").get_ref<const std::string&>());
            if (venue) note.feeds.push_back(read_feed(*venue, feed));
        }
        document.at("budgets").get_to(note.budgets);
        return note;
    } catch (const std::exception&) {  // from nlohmann_json, or for an unknown state
        return errc::malformed;
    }
}

}  // namespace kurs
