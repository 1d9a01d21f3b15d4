#include "boardlog/quote_text.hpp"

namespace kurs {
namespace {

using nlohmann::json;

const std::string& text_of(const json& text) {
    return text.get_ref<const std::string&>();
}

Rate read_rate(const json& text) {
    return Rate::parse(text_of(text)).value();
}

json leg_text(const MarketMap& map, const QuoteLeg& leg) {
    const auto& symbol = map.symbol(leg.symbol);
    return {{"venue", map.name(symbol.venue)}, {"symbol", symbol.name},
            {"inverted", leg.inverted},        {"bid", to_string(leg.bid)},
            {"ask", to_string(leg.ask)},       {"observed_at", milliseconds_of(leg.observed_at)}};
}

std::optional<QuoteLeg> read_leg(const MarketMap& map, const json& text) {
    const auto symbol = map.find_symbol(text_of(text.at("venue")), text_of(text.at("symbol")));
    if (!symbol) return std::nullopt;
    return QuoteLeg{*symbol, text.at("inverted").get<bool>(), read_rate(text.at("bid")),
                    read_rate(text.at("ask")), read_time(text.at("observed_at"))};
}

}  // namespace

std::int64_t milliseconds_of(TimePoint time) {
    return time.time_since_epoch().count();
}

json series_text(const MarketMap& map, Series series) {
    return {{"venue", map.name(series.venue)}, {"direction", map.direction(series.direction).text()}};
}

json quote_text(const MarketMap& map, const Quote& quote) {
    auto text = series_text(map, Series{quote.venue, quote.direction});
    text["bid"] = to_string(quote.bid);
    text["value"] = to_string(quote.value);
    text["ask"] = to_string(quote.ask);
    text["observed_at"] = milliseconds_of(quote.observed_at);
    text["fresh_until"] = milliseconds_of(quote.fresh_until);
    auto& legs = text["legs"] = json::array();
    for (const auto& leg : quote.legs) legs.push_back(leg_text(map, leg));
    return text;
}

TimePoint read_time(const json& text) {
    return TimePoint{Duration{text.get<std::int64_t>()}};
}

std::optional<Series> read_series(const MarketMap& map, const json& text) {
    const auto venue = map.find_venue(text_of(text.at("venue")));
    const auto direction = map.find_direction(Direction::parse(text_of(text.at("direction"))).value());
    if (!venue || !direction) return std::nullopt;
    return Series{*venue, *direction};
}

std::optional<Quote> read_quote(const MarketMap& map, const json& text) {
    const auto series = read_series(map, text);
    std::vector<QuoteLeg> legs;
    for (const auto& each : text.at("legs")) {
        const auto leg = read_leg(map, each);
        if (!leg) return std::nullopt;
        legs.push_back(*leg);
    }
    Quote quote{{},
                {},
                read_rate(text.at("bid")),
                read_rate(text.at("value")),
                read_rate(text.at("ask")),
                read_time(text.at("observed_at")),
                read_time(text.at("fresh_until")),
                std::move(legs)};
    if (!series) return std::nullopt;
    quote.venue = series->venue;
    quote.direction = series->direction;
    return quote;
}

}  // namespace kurs
