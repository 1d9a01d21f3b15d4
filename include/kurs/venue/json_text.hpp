#pragma once

#include <simdjson.h>

#include <string_view>

#include "kurs/venue/tops.hpp"

namespace kurs {

/// The text of a member, or empty if it is missing or not a string.
std::string_view text_of(const simdjson::dom::element& object, std::string_view key);

/// Reads a level whose price and quantity are texts, the price at index `first`: ["41006.8","0.60038921"].
/// Fails as `Rate::parse` does, and with `malformed` if one is not a text. A quantity of zero is no failure.
result<Level> read_level(const simdjson::dom::element& level, std::size_t first = 0);

}  // namespace kurs
