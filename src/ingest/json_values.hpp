#pragma once

#include <nlohmann/json.hpp>

#include "kurs/domain/market_map.hpp"

// Values of the texts of an ingest. Reading throws what nlohmann::json throws.
namespace kurs::json_values {

inline std::int64_t milliseconds_of(TimePoint time) {
    return time.time_since_epoch().count();
}

inline TimePoint read_time(const nlohmann::json& text) {
    return TimePoint{Duration{text.get_ref<const nlohmann::json::number_integer_t&>()}};
}

inline Rate read_rate(const nlohmann::json& text) {
    return Rate::parse(text.get_ref<const std::string&>()).value();
}

inline nlohmann::json symbol_text(const MarketMap& map, SymbolId id) {
    return {{"venue", map.name(map.symbol(id).venue)}, {"symbol", map.symbol(id).name}};
}

inline std::optional<SymbolId> read_symbol(const MarketMap& map, const nlohmann::json& text) {
    return map.find_symbol(text.at("venue").get_ref<const std::string&>(),
                           text.at("symbol").get_ref<const std::string&>());
}

}  // namespace kurs::json_values
