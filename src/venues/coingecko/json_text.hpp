#pragma once

#include <simdjson.h>

#include <string>

namespace kurs::coingecko {

/// A scalar as text: the digits of a number, or the content of a string. CoinGecko sends prices as both.
/// Empty for null, which any field may be. Throws simdjson_error on invalid JSON.
inline std::string scalar_text(simdjson::ondemand::value value) {
    if (value.type() == simdjson::ondemand::json_type::string) {
        return std::string(std::string_view(value.get_string()));
    }
    if (value.type() == simdjson::ondemand::json_type::null) return {};
    const std::string_view token = value.raw_json_token();
    return std::string(token.substr(0, token.find_last_not_of(" \r\n\t") + 1));
}

}  // namespace kurs::coingecko
