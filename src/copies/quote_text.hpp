#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "kurs/domain/quote.hpp"

// How quotes travel between copies: JSON with names instead of the market map's places, and prices as exact
// text. What is malformed throws, as nlohmann's own reading does.
namespace kurs {

/// A venue and a direction, by name.
struct Series {
    VenueId venue{};
    DirectionId direction{};
};

std::int64_t milliseconds_of(TimePoint time);
nlohmann::json series_text(const MarketMap& map, Series series);
nlohmann::json quote_text(const MarketMap& map, const Quote& quote);

TimePoint read_time(const nlohmann::json& text);

/// Nothing if the market map does not know one of the names.
std::optional<Series> read_series(const MarketMap& map, const nlohmann::json& text);
std::optional<Quote> read_quote(const MarketMap& map, const nlohmann::json& text);

}  // namespace kurs
