#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sim {

/// "btcusdt@bookTicker" in its two parts; the kind is empty if there is no '@'.
struct StreamName {
    std::string_view symbol;
    std::string_view kind;
};

inline StreamName split_stream_name(std::string_view name) {
    const auto at = name.find('@');
    if (at == std::string_view::npos) return {name, {}};
    return {name.substr(0, at), name.substr(at + 1)};
}

/// ASCII only, which is sufficient for the symbols of this exchange.
inline std::string to_upper(std::string_view text) {
    std::string upper{text};
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return upper;
}

inline std::string to_lower(std::string_view text) {
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

}  // namespace sim
