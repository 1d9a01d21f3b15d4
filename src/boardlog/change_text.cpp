#include "kurs/boardlog/change_text.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

// JSON with names instead of market map indexes, and prices as exact text. Malformed text throws, as
// nlohmann's parser does. Whole numbers are read by get_ref: get converts what is none, of any size.
namespace kurs {
namespace {

using nlohmann::json;

/// Grows when an older release would misread the text, and not with a field that it may ignore. Every release
/// reads the format of the one before it. A text without a format has the first one.
constexpr std::uint64_t newest_format = 1;

const std::string& text_of(const json& text) {
    return text.get_ref<const std::string&>();
}

std::int64_t milliseconds_of(TimePoint time) {
    return time.time_since_epoch().count();
}

TimePoint read_time(const json& text) {
    return TimePoint{Duration{text.get_ref<const json::number_integer_t&>()}};
}

Rate read_rate(const json& text) {
    return Rate::parse(text_of(text)).value();
}

json series_text(const MarketMap& map, const Series& series) {
    return {{"venue", map.name(series.venue)}, {"direction", map.direction(series.direction).text()}};
}

/// Empty if the market map lacks one of the names.
std::optional<Series> read_series(const MarketMap& map, const json& text) {
    const auto venue = map.find_venue(text_of(text.at("venue")));
    const auto direction = map.find_direction(Direction::parse(text_of(text.at("direction"))).value());
    if (!venue || !direction) return std::nullopt;
    return Series{*venue, *direction};
}

json leg_text(const MarketMap& map, const QuoteLeg& leg) {
    const auto& symbol = map.symbol(leg.symbol);
    json text{{"venue", map.name(symbol.venue)}, {"symbol", symbol.name},
              {"inverted", leg.inverted},        {"bid", to_string(leg.bid)},
              {"ask", to_string(leg.ask)},       {"observed_at", milliseconds_of(leg.observed_at)}};
    if (const auto& confirmation = leg.confirmation) {
        text["confirmed_at"] = milliseconds_of(confirmation->at);
        text["date"] = milliseconds_of(confirmation->date);
    }
    return text;
}

std::optional<QuoteLeg> read_leg(const MarketMap& map, const json& text) {
    const auto symbol = map.find_symbol(text_of(text.at("venue")), text_of(text.at("symbol")));
    if (!symbol) return std::nullopt;
    QuoteLeg leg{*symbol, text.at("inverted").get<bool>(), read_rate(text.at("bid")),
                 read_rate(text.at("ask")), read_time(text.at("observed_at"))};
    if (text.contains("confirmed_at")) {
        leg.confirmation = Confirmation{std::chrono::floor<std::chrono::days>(read_time(text.at("date"))),
                                        read_time(text.at("confirmed_at"))};
    }
    return leg;
}

json quote_text(const MarketMap& map, const Quote& quote) {
    auto text = series_text(map, {quote.venue, quote.direction});
    text["bid"] = to_string(quote.bid);
    text["value"] = to_string(quote.value);
    text["ask"] = to_string(quote.ask);
    text["observed_at"] = milliseconds_of(quote.observed_at);
    text["fresh_until"] = milliseconds_of(quote.fresh_until);
    auto& legs = text["legs"] = json::array();
    for (const auto& leg : quote.legs) legs.push_back(leg_text(map, leg));
    if (quote.is_disputed()) text["dispute"] = quote.dispute;
    return text;
}

std::optional<Quote> read_quote(const MarketMap& map, const json& text) {
    const auto series = read_series(map, text);
    if (!series) return std::nullopt;
    Quote quote{series->venue,
                series->direction,
                read_rate(text.at("bid")),
                read_rate(text.at("value")),
                read_rate(text.at("ask")),
                read_time(text.at("observed_at")),
                read_time(text.at("fresh_until")),
                {}};
    for (const auto& each : text.at("legs")) {
        const auto leg = read_leg(map, each);
        if (!leg) return std::nullopt;
        quote.legs.push_back(*leg);
    }
    quote.dispute = text.value("dispute", "");
    return quote;
}

ActiveChange read_active_change(const json& text) {
    ActiveChange change{read_time(text.at("at")), text.at("venue").get<std::string>(),
                        text.at("reason").get<std::string>()};
    if (change.venue->empty()) change.venue.reset();
    return change;
}

BoardChange read_change(const MarketMap& map, const json& text) {
    BoardChange change;
    change.version = text.at("version").get_ref<const json::number_unsigned_t&>();
    change.visible_at = read_time(text.at("visible_at"));
    for (const auto& each : text.at("quotes")) {
        if (auto quote = read_quote(map, each)) change.quotes.push_back(*std::move(quote));
    }
    for (const auto& each : text.at("lost")) {
        if (const auto lost = read_series(map, each)) change.lost.push_back(*lost);
    }
    if (text.contains("active")) change.active = read_active_change(text.at("active"));
    return change;
}

}  // namespace

std::string to_text(const MarketMap& map, const BoardChange& change) {
    json text{{"format", newest_format},
              {"version", change.version},
              {"visible_at", milliseconds_of(change.visible_at)}};
    auto& quotes = text["quotes"] = json::array();
    for (const auto& quote : change.quotes) quotes.push_back(quote_text(map, quote));
    auto& lost = text["lost"] = json::array();
    for (const auto& series : change.lost) lost.push_back(series_text(map, series));
    if (const auto& active = change.active) {
        text["active"] = {{"at", milliseconds_of(active->at)},
                          {"venue", active->venue.value_or("")},
                          {"reason", active->reason}};
    }
    return text.dump();
}

/// A sentence with the names of venues and two percentages.
constexpr std::size_t longest_dispute = 400;

std::size_t largest_text(const MarketMap& map) {
    const auto rate = Rate::from_units(~u128{0}).value();
    const auto time = TimePoint::max();
    const Confirmation latest{std::chrono::floor<std::chrono::days>(time), time};
    BoardChange change;
    change.version = std::numeric_limits<std::uint64_t>::max();
    change.visible_at = time;
    for (const Route& route : map.routes) {
        auto& quote =
            change.quotes.emplace_back(Quote{route.venue, route.direction, rate, rate, rate, time, time, {}});
        for (const Leg& leg : map.possible_legs(route))
            quote.legs.push_back({leg.symbol, false, rate, rate, time, latest});
        quote.dispute = std::string(longest_dispute, '.');
    }
    for (std::size_t venue = 0; venue < map.venues.size(); ++venue) {
        for (std::size_t direction = 0; direction < map.directions.size(); ++direction)
            change.lost.push_back({static_cast<VenueId>(venue), static_cast<DirectionId>(direction)});
    }
    constexpr std::size_t change_of_the_active_venue = 1024;
    return to_text(map, change).size() + change_of_the_active_venue;
}

result<BoardChange> parse_change(const MarketMap& map, std::string_view text) {
    try {
        const auto document = json::parse(text);
        if (document.value("format", newest_format) > newest_format) return errc::unknown_event;
        return read_change(map, document);
    } catch (const std::exception&) {  // of nlohmann, or of an invalid price
        return errc::malformed;
    }
}

}  // namespace kurs
