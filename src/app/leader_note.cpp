#include "kurs/app/leader_note.hpp"

#include <nlohmann/json.hpp>

namespace kurs {
namespace {

using nlohmann::json;

json time_text(const std::optional<TimePoint>& time) {
    return time ? json(time->time_since_epoch().count()) : json();
}

std::optional<TimePoint> read_time(const json& text) {
    if (text.is_null()) return std::nullopt;
    return TimePoint{Duration{text.get<std::int64_t>()}};
}

json line_text(const MarketMap& map, const api::FeedReport& line) {
    return {{"name", line.name},
            {"venue", map.name(line.venue)},
            {"state", line.state},
            {"reason", line.reason},
            {"since", time_text(line.since)},
            {"last_tick_at", time_text(line.last_tick_at)},
            {"reconnects", line.reconnects}};
}

api::FeedReport read_line(VenueId venue, const json& text) {
    return {text.at("name").get<std::string>(),
            venue,
            text.at("state").get<std::string>(),
            text.at("reason").get<std::string>(),
            read_time(text.at("since")).value_or(TimePoint{}),
            read_time(text.at("last_tick_at")),
            text.at("reconnects").get<std::uint64_t>()};
}

json spending_text(const coingecko::Spending& spending) {
    return {{"saved", spending.saved ? json(spending.saved->count()) : json()},
            {"last_call", time_text(spending.last_call)},
            {"resting_until", time_text(spending.resting_until)}};
}

coingecko::Spending read_spending(const json& text) {
    coingecko::Spending spending;
    const auto& saved = text.at("saved");
    if (!saved.is_null()) spending.saved = Duration{saved.get<std::int64_t>()};
    spending.last_call = read_time(text.at("last_call"));
    spending.resting_until = read_time(text.at("resting_until")).value_or(TimePoint{});
    return spending;
}

}  // namespace

std::string to_text(const MarketMap& map, const LeaderNote& note) {
    json text{
        {"at", time_text(note.at)}, {"lines", json::array()}, {"coingecko", spending_text(note.spending)}};
    for (const auto& line : note.lines) text["lines"].push_back(line_text(map, line));
    return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<LeaderNote> parse_leader_note(const MarketMap& map, std::string_view text) {
    try {
        const auto document = json::parse(text);
        LeaderNote note;
        note.at = read_time(document.at("at")).value_or(TimePoint{});
        for (const auto& line : document.at("lines")) {
            const auto venue = map.find_venue(line.at("venue").get<std::string>());
            if (venue) note.lines.push_back(read_line(*venue, line));
        }
        note.spending = read_spending(document.at("coingecko"));
        return note;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace kurs
