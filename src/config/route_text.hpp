#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kurs {

/// One factor of a route's text, before it is known whether it is a symbol or a fiat leg.
struct Factor {
    std::string name;
    bool inverted = false;
};

/// Reads "BTCUSDT / USDCUSDT * USD-RUB" or "1 / USDCUSDT": names between operators that stand between spaces,
/// since a name may hold a slash itself. Nothing where the text has another form.
std::optional<std::vector<Factor>> parse_route(std::string_view text);

}  // namespace kurs
