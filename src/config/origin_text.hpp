#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kurs {

/// An http or https origin as browsers write it in `Origin`: in lower case, without the scheme's default
/// port. None for any other URL, a path, a list, a pattern or characters outside ASCII.
std::optional<std::string> parse_origin(std::string_view url);

}  // namespace kurs
