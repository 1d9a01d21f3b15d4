#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "kurs/domain/quote.hpp"

// The format in which replicas exchange quotes: JSON with names instead of market map indexes, and prices as
// exact text. Malformed text throws, as nlohmann's parser does.
namespace kurs {

std::int64_t milliseconds_of(TimePoint time);
nlohmann::json series_text(const MarketMap& map, Series series);
nlohmann::json quote_text(const MarketMap& map, const Quote& quote);

TimePoint read_time(const nlohmann::json& text);

/// Empty if the market map lacks one of the names.
std::optional<Series> read_series(const MarketMap& map, const nlohmann::json& text);
std::optional<Quote> read_quote(const MarketMap& map, const nlohmann::json& text);

}  // namespace kurs
