#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kurs {

/// One factor of a route's text: the name of a symbol or of a reference rate.
struct Factor {
    std::string name;
    bool inverted = false;
};

/// Reads "BTCUSDT / USDCUSDT * USD-RUB" or "1 / USDCUSDT": names between operators surrounded by spaces,
/// since a name may contain a slash. None for any other text.
std::optional<std::vector<Factor>> parse_route(std::string_view text);

}  // namespace kurs
