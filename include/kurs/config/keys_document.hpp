#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kurs/access/access.hpp"
#include "kurs/config/environment.hpp"

namespace kurs {

/// Parses the API keys (JSON with comments; docs/operating.md describes it). Adds every problem, and returns
/// rules only if there is none.
std::optional<access::Rules> parse_keys_document(std::string_view document, std::vector<Problem>& problems);

}  // namespace kurs
