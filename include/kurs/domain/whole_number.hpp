#pragma once

#include <charconv>
#include <string_view>

#include "kurs/domain/errc.hpp"

namespace kurs {

/// Reads decimal digits, with an optional minus sign if `Number` is signed. Rejects any other text.
template <class Number>
result<Number> parse_whole_number(std::string_view text) {
    Number number{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return errc::overflow;
    if (error != std::errc{} || stop != text.data() + text.size()) return errc::malformed;
    return number;
}

}  // namespace kurs
